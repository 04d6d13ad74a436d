// Where ships are between two pictures of a world. Pure: no drawing, no requests; times are given in milliseconds of performance.now().
//
//   const moving = new MovingPicture();
//   moving.take(picture, now);                    the server's answer (one a second)
//   moving.position(ship, now) → {x, y} in units  ships are the objects of the picture; its course is followed to its end at most
//
// A picture tells of places and velocities at a tick. When the next one disagrees with what was shown (the pilot turned, the answer was slow), the
// difference fades away within BLEND_MS instead of jumping.

const BLEND_MS = 400;
/** Longer than this without a picture the ships stand still: what they do is not known any more. */
const KNOWN_MS = 3000;
/** A ship that is farther off than this share of the world went through a gate or was moved: it is not drawn flying there. */
const JUMP_SHARE = 0.05;

export class MovingPicture {
  constructor() {
    this.picture = null;
    this.at = 0;
    this.offsets = new Map();
  }

  take(picture, now) {
    const before = this.picture === null || this.stale(picture) ? null : new Map(this.picture.ships.map((ship) => [ship.player, this.position(ship, now)]));
    this.picture = picture;
    this.at = now;
    this.offsets.clear();
    if (before === null) return;
    const jump = picture.size_units * JUMP_SHARE;
    for (const ship of picture.ships) {
      const shown = before.get(ship.player);
      if (!shown) continue;
      const offset = { x: shown.x - ship.x, y: shown.y - ship.y };
      if (Math.hypot(offset.x, offset.y) < jump) this.offsets.set(ship.player, offset);
    }
  }

  /** Whether the picture is not of the world that was shown, or of before it. */
  stale(picture) {
    return picture.size_units !== this.picture.size_units || picture.tick < this.picture.tick;
  }

  position(ship, now) {
    const since = Math.min(Math.max(0, now - this.at), KNOWN_MS);
    // No further than its course goes.
    const ticks = Math.min(since / this.picture.tick_ms, Math.max(0, ship.arrives - this.picture.tick));
    const offset = this.offsets.get(ship.player);
    const rest = offset ? Math.max(0, 1 - since / BLEND_MS) : 0;
    const limit = (value) => Math.min(Math.max(0, value), this.picture.size_units);
    return {
      x: limit(ship.x + ship.vx * ticks + (offset?.x ?? 0) * rest),
      y: limit(ship.y + ship.vy * ticks + (offset?.y ?? 0) * rest),
    };
  }

  ship(player) {
    return this.picture?.ships.find((ship) => ship.player === player) ?? null;
  }
}
