// Flying by keys: which direction the keys that are held mean, and when to tell the server. Pure; times in milliseconds.
//
//   const keys = new HeadingKeys();
//   keys.press('KeyW', now); keys.release('KeyW', now)    codes of KeyboardEvent; return whether they belong here
//   keys.due(now) → [dx, dy] or null                      a heading to send now, at most one in INTERVAL_MS
//
// The ship keeps its heading when the keys are let go of; the space bar stops it (Pilot.stop). Two keys are rarely let go of in the same moment: after one of them
// the heading is not taken from the other before LINGER_MS, so that a diagonal stays one.

export const INTERVAL_MS = 120;
export const LINGER_MS = 90;

const DIRECTIONS = {
  KeyW: [0, 1], ArrowUp: [0, 1], KeyS: [0, -1], ArrowDown: [0, -1],
  KeyA: [-1, 0], ArrowLeft: [-1, 0], KeyD: [1, 0], ArrowRight: [1, 0],
};

export class HeadingKeys {
  constructor() {
    this.held = new Set();
    this.told = null;
    this.toldAt = Number.NEGATIVE_INFINITY;
    this.changedAt = Number.NEGATIVE_INFINITY;
  }

  press(code, now) {
    if (!DIRECTIONS[code]) return false;
    if (!this.held.has(code)) {
      this.held.add(code);
      this.changedAt = now - LINGER_MS;
    }
    return true;
  }

  release(code, now) {
    if (!this.held.delete(code)) return false;
    this.changedAt = now;
    if (this.held.size === 0) this.told = null;
    return true;
  }

  /** All keys are let go of: the window lost the focus, or another order was given. */
  clear() {
    this.held.clear();
    this.told = null;
  }

  get direction() {
    let [x, y] = [0, 0];
    for (const code of this.held) {
      x += DIRECTIONS[code][0];
      y += DIRECTIONS[code][1];
    }
    return x === 0 && y === 0 ? null : [Math.sign(x), Math.sign(y)];
  }

  due(now) {
    const direction = this.direction;
    if (!direction || now - this.toldAt < INTERVAL_MS || now - this.changedAt < LINGER_MS) return null;
    if (this.told && this.told[0] === direction[0] && this.told[1] === direction[1]) return null;
    this.told = direction;
    this.toldAt = now;
    return direction;
  }
}
