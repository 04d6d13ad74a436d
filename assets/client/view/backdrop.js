// What lies behind everything: far stars and a nebula in the sector's own colours, painted once for each sector and size, and moved a little with the
// camera; and near stars, drawn each frame. With reduced motion nothing of it moves.
//
//   const backdrop = new Backdrop(); backdrop.resize(width, height, ratio); backdrop.setSector(number)
//   backdrop.draw(brush, camera, calm)      covers the whole canvas; leaves the brush's transform as it was for CSS pixels

const MARGIN = 0.08;
const FAR_PER_PIXEL = 1 / 2600;
const NEAR_COUNT = 90;
const NEAR_TILE = 700;
const NEAR_SPEED = 0.35;

function random(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

export class Backdrop {
  constructor() {
    this.canvas = document.createElement('canvas');
    this.brush = this.canvas.getContext('2d', { alpha: false });
    this.ratio = 1;
    this.number = 1;
    this.width = this.height = 0;
    const draw = random(99);
    this.near = Array.from({ length: NEAR_COUNT }, () => ({ x: draw() * NEAR_TILE, y: draw() * NEAR_TILE, size: draw() < 0.25 ? 2 : 1 }));
  }

  resize(width, height, ratio) {
    this.width = width;
    this.height = height;
    this.ratio = ratio;
    this.canvas.width = Math.ceil(width * (1 + 2 * MARGIN) * ratio);
    this.canvas.height = Math.ceil(height * (1 + 2 * MARGIN) * ratio);
    this.paint();
  }

  setSector(number) {
    if (number === this.number) return;
    this.number = number;
    this.paint();
  }

  paint() {
    const { brush, canvas } = this;
    const draw = random(this.number);
    brush.fillStyle = '#070b14';
    brush.fillRect(0, 0, canvas.width, canvas.height);
    const hue = (200 + this.number * 67) % 360;
    for (let cloud = 0; cloud < 9; cloud += 1) this.cloud(draw, (hue + (draw() - 0.5) * 90 + 360) % 360);
    const count = canvas.width * canvas.height * FAR_PER_PIXEL * 0.8;
    for (let star = 0; star < count; star += 1) this.star(draw);
  }

  cloud(draw, hue) {
    const { brush, canvas } = this;
    const [x, y, radius] = [draw() * canvas.width, draw() * canvas.height, (0.2 + 0.35 * draw()) * Math.max(canvas.width, canvas.height)];
    const gradient = brush.createRadialGradient(x, y, 0, x, y, radius);
    gradient.addColorStop(0, `hsl(${hue} 70% 35% / ${(0.06 + 0.1 * draw()).toFixed(3)})`);
    gradient.addColorStop(1, `hsl(${hue} 70% 35% / 0)`);
    brush.fillStyle = gradient;
    brush.fillRect(0, 0, canvas.width, canvas.height);
  }

  star(draw) {
    const { brush, canvas } = this;
    const size = draw() ** 4 * 1.6 + 0.5;
    brush.fillStyle = `hsl(${draw() < 0.7 ? 215 : 35} 60% 85% / ${(0.15 + 0.55 * draw() ** 2).toFixed(2)})`;
    brush.fillRect(draw() * canvas.width, draw() * canvas.height, size, size);
  }

  /** Copied pixel by pixel: a picture that is neither scaled nor shifted by parts of pixels costs least. */
  draw(brush, camera, calm) {
    const { canvas, ratio } = this;
    const part = (value) => (calm ? 0.5 : value / camera.size);
    const x = Math.round(-part(camera.x) * (canvas.width - this.width * ratio));
    const y = Math.round(-(1 - part(camera.y)) * (canvas.height - this.height * ratio));
    brush.setTransform(1, 0, 0, 1, 0, 0);
    brush.drawImage(canvas, x, y);
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!calm) this.drawNear(brush, camera);
  }

  drawNear(brush, camera) {
    brush.fillStyle = 'rgb(190 215 255 / 42%)';
    const wrap = (value) => ((value % NEAR_TILE) + NEAR_TILE) % NEAR_TILE;
    for (const star of this.near) {
      const left = Math.round(wrap(star.x - camera.x * camera.scale * NEAR_SPEED));
      const top = Math.round(wrap(star.y + camera.y * camera.scale * NEAR_SPEED));
      for (let x = left; x < camera.width; x += NEAR_TILE) {
        for (let y = top; y < camera.height; y += NEAR_TILE) brush.fillRect(x, y, star.size, star.size);
      }
    }
  }
}
