// Which part of the world the canvas shows. Pure: places are units with y upwards, the screen is CSS pixels with y downwards.
//
//   camera.resize(width, height); camera.setWorld(sizeUnits)
//   camera.follow()                         goes back to the ship and stays with it; look(dx, dy) and goTo(x, y) let go of it
//   camera.advance(ship, ms, calm)          once per frame: `ship` {x, y} is the own ship's drawn place, or null
//   camera.zoom(factor, screenX, screenY)   the point under the pointer stays where it is
//   camera.screenX(x), screenY(y); worldX(sx), worldY(sy); camera.scale (pixels per unit)

const SCALE_MAX = 12;
/** Small windows show less of the sight's circle rather than ships too small to tell apart; but at this scale a phone still shows all of it. */
const SCALE_START_MIN = 0.9;
/** How far beyond the smaller side of the window the view's radius reaches at the start: 1 shows the whole circle. */
const START_SHARE = 0.95;
/** The share of the remaining way that is left after 100 ms when the camera returns. */
const RETURN_LEFT = 0.45;

export class Camera {
  constructor() {
    Object.assign(this, { x: 0, y: 0, width: 1, height: 1, scale: 2, size: 1000, following: true, settled: false, wantedScale: null });
  }

  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    if (this.wantedScale === null) this.scale = 2;
    this.limit();
  }

  /** A new world, and how far one sees in it: the camera begins at the ship, near enough to see its surroundings well. */
  setWorld(size, radius) {
    this.size = size;
    this.settled = false;
    this.following = true;
    if (this.wantedScale === null) {
      this.scale = Math.max(SCALE_START_MIN, (Math.min(this.width, this.height) * START_SHARE) / (2 * radius));
      this.wantedScale = this.scale;
    }
    this.limit();
  }

  get scaleMin() {
    return (Math.min(this.width, this.height) * 0.9) / this.size;
  }

  limit() {
    this.scale = Math.min(Math.max(this.scale, this.scaleMin), SCALE_MAX);
    this.x = Math.min(Math.max(this.x, 0), this.size);
    this.y = Math.min(Math.max(this.y, 0), this.size);
  }

  advance(ship, ms, calm) {
    if (!this.following || !ship) return;
    if (!this.settled || calm) {
      this.x = ship.x;
      this.y = ship.y;
      this.settled = true;
      return;
    }
    if (this.returning) {
      const left = RETURN_LEFT ** (ms / 100);
      this.x = ship.x + (this.x - ship.x) * left;
      this.y = ship.y + (this.y - ship.y) * left;
      if (Math.hypot(this.x - ship.x, this.y - ship.y) * this.scale < 1) this.returning = false;
    } else {
      this.x = ship.x;
      this.y = ship.y;
    }
  }

  follow() {
    this.following = true;
    this.returning = true;
  }

  /** Moves what is shown by pixels, as a drag does. */
  look(dx, dy) {
    this.following = false;
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
    this.limit();
  }

  goTo(x, y) {
    this.following = false;
    this.x = x;
    this.y = y;
    this.limit();
  }

  /** While the ship is followed it stays in the middle whatever the pointer is on. */
  zoom(factor, sx = this.width / 2, sy = this.height / 2) {
    const x = this.worldX(sx);
    const y = this.worldY(sy);
    this.scale *= factor;
    this.limit();
    this.wantedScale = this.scale;
    if (this.following) return;
    this.x = x - (sx - this.width / 2) / this.scale;
    this.y = y + (sy - this.height / 2) / this.scale;
    this.limit();
  }

  screenX(x) { return this.width / 2 + (x - this.x) * this.scale; }

  screenY(y) { return this.height / 2 - (y - this.y) * this.scale; }

  worldX(sx) { return this.x + (sx - this.width / 2) / this.scale; }

  worldY(sy) { return this.y - (sy - this.height / 2) / this.scale; }
}
