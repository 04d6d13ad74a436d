// What part of a world a canvas shows: zoom and pan by mouse, touch and keys. Knows nothing of what is drawn.
//
//   const view = new Viewport(canvas, {onPick: (point, reach) => …, onChange: redraw});
//   view.setWorld(size); view.toScreen({x, y}); view.toWorld({x, y}); view.scale (pixels per unit); view.centre(point); view.fit(); view.zoom(factor)
//   `reach` is how far from the point, in units, a click may miss. Worlds have y upwards.

const ZOOM_STEP = 1.25;
const ZOOM_MAX = 60;
const PAN_SHARE = 0.15;
const CLICK_PIXELS = 6;
const REACH_PIXELS = 14;

export class Viewport {
  constructor(canvas, { onPick, onChange }) {
    Object.assign(this, { canvas, onPick, onChange, size: 1, scale: 1, middle: { x: 0.5, y: 0.5 }, pointers: new Map(), travelled: 0 });
    canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    canvas.addEventListener('pointerdown', (event) => this.down(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, (event) => this.up(event, name === 'pointerup'));
    canvas.addEventListener('dblclick', (event) => this.zoom(ZOOM_STEP * ZOOM_STEP, this.toWorld(this.local(event))));
    canvas.addEventListener('keydown', (event) => this.key(event));
  }

  get width() { return this.canvas.clientWidth; }

  get height() { return this.canvas.clientHeight; }

  get fitScale() { return Math.max(0.001, (Math.min(this.width, this.height) - 16) / this.size); }

  setWorld(size) {
    if (size === this.size) return;
    this.size = size;
    this.fit();
  }

  fit() {
    this.middle = { x: this.size / 2, y: this.size / 2 };
    this.scale = this.fitScale;
    this.onChange();
  }

  centre(point) {
    const limit = (value) => Math.min(Math.max(0, value), this.size);
    this.middle = { x: limit(point.x), y: limit(point.y) };
    this.onChange();
  }

  toScreen({ x, y }) {
    return { x: this.width / 2 + (x - this.middle.x) * this.scale, y: this.height / 2 - (y - this.middle.y) * this.scale };
  }

  toWorld({ x, y }) {
    return { x: this.middle.x + (x - this.width / 2) / this.scale, y: this.middle.y - (y - this.height / 2) / this.scale };
  }

  /** Zooms so that the point (in units) stays where it is on the screen. */
  zoom(factor, around = this.middle) {
    const scale = Math.min(Math.max(this.scale * factor, this.fitScale * 0.8), this.fitScale * ZOOM_MAX);
    const keep = this.scale / scale;
    this.scale = scale;
    this.centre({ x: around.x + (this.middle.x - around.x) * keep, y: around.y + (this.middle.y - around.y) * keep });
  }

  local(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  wheel(event) {
    event.preventDefault();
    this.zoom(ZOOM_STEP ** (-Math.sign(event.deltaY) * Math.min(1, Math.abs(event.deltaY) / 60)), this.toWorld(this.local(event)));
  }

  down(event) {
    if (this.pointers.size === 0) this.travelled = 0;
    this.pointers.set(event.pointerId, this.local(event));
    this.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.local(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    this.travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (this.travelled < CLICK_PIXELS) return;
    if (other) {
      const distance = (point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
      this.zoom(distance(now) / distance(before), this.toWorld({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }));
    } else {
      this.centre({ x: this.middle.x - (now.x - before.x) / this.scale, y: this.middle.y + (now.y - before.y) / this.scale });
    }
  }

  up(event, pick) {
    const known = this.pointers.delete(event.pointerId);
    if (known && pick && this.pointers.size === 0 && this.travelled < CLICK_PIXELS) this.onPick(this.toWorld(this.local(event)), REACH_PIXELS / this.scale);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (PAN_SHARE * Math.min(this.width, this.height)) / this.scale;
    const pan = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (pan) this.centre({ x: this.middle.x + pan[0] * step, y: this.middle.y + pan[1] * step });
    else if (event.key === '+' || event.key === '=') this.zoom(ZOOM_STEP);
    else if (event.key === '-') this.zoom(1 / ZOOM_STEP);
    else if (event.key === '0') this.fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
