// Where things are drawn: smooth movement from courses that come late, and fading of what comes and goes. Pure: no drawing, no clock, no connection;
// times are milliseconds that the caller tells (performance.now()), ticks are the server's, places are steps.
//
//   const clock = new DrawClock();                 which tick is drawn: the server's, less a delay that hides how late courses come
//   const stage = new Stage();
//   stage.sync(picture, clock)                     takes over what the picture holds now: once after each message is enough
//   stage.advance(clock.advance(tick, tickMs, now), now, calm)
//   stage.ships, stage.objects                     Maps of what is drawn: {id, kind, name, x, y, angle, moving, alpha, …}; things that left stay until faded
//
// How it works. A course change is told after it happened: by the way it takes, and by some ticks for far cells. Everything is drawn a little in the past
// (DELAY_MIN_MS … DELAY_MAX_MS, as far as nine of ten changes need), so most changes are known before they are drawn, and the drawn line is exact. For
// the others, the difference between where the ship was shown and where it is on its new course melts away within GLIDE_MS. What is farther off than
// TELEPORT_STEPS was moved by other means, or was out of touch for long: it fades in at its new place instead of racing there.

export const GLIDE_MS = 200;
export const FADE_MS = 260;
export const TELEPORT_STEPS = 90 * 256;
export const DELAY_MIN_MS = 50;
export const DELAY_MAX_MS = 200;
/** How much faster or slower than real time the drawn tick may run while the delay changes. */
const SLEW = 0.04;
const LATE_SHARE = 0.9;
const LATE_STEP_MS = 12;
/** A pause of the page (hidden tab, sleeping machine) after which nothing glides: what was drawn before is too old to go on from. */
const PAUSE_MS = 500;
const PENDING_MAX = 8;
/** A tick that goes back by more than this is another world's, or a world started anew. */
const BACK_TICKS_MAX = 40;

/** The tick that is drawn. */
export class DrawClock {
  constructor() {
    this.delayMs = 100;
    this.wantedMs = 100;
    this.tick = Number.NEGATIVE_INFINITY;
    this.heard = 0;
    this.tickMs = 50;
    this.at = 0;
  }

  /** The server's tick now, its length, and the time: returns the tick to draw. Never goes back, but for another world. */
  advance(serverTick, tickMs, now) {
    const passed = Math.min(Math.max(now - this.at, 0), PAUSE_MS);
    const step = passed * SLEW;
    this.delayMs += Math.min(Math.max(this.wantedMs - this.delayMs, -step), step);
    this.heard = serverTick;
    this.tickMs = tickMs;
    this.at = now;
    const tick = serverTick - this.delayMs / tickMs;
    this.tick = tick < this.tick - BACK_TICKS_MAX ? tick : Math.max(tick, this.tick);
    return this.tick;
  }

  /** A ship in sight changed its course at this tick, and this was heard now. */
  observe(departs) {
    const late = (this.heard - departs) * this.tickMs;
    if (late < 0 || late > 1000) return;
    const wanted = this.wantedMs + LATE_STEP_MS * (late > this.wantedMs ? LATE_SHARE : LATE_SHARE - 1);
    this.wantedMs = Math.min(Math.max(wanted, DELAY_MIN_MS), DELAY_MAX_MS);
  }

  /** Another world: its ticks have nothing to do with the last one's. */
  reset() {
    this.tick = Number.NEGATIVE_INFINITY;
  }
}

/** How far a flight is at a tick: 0 before it departs, 1 from its end on. */
function share(course, tick) {
  if (tick >= course.arrives) return 1;
  if (tick <= course.departs) return 0;
  return (tick - course.departs) / (course.arrives - course.departs);
}

/** Where on its course a ship is at a tick with a fraction, in steps. */
export const courseX = (course, tick) => course.from[0] + (course.to[0] - course.from[0]) * share(course, tick);
export const courseY = (course, tick) => course.from[1] + (course.to[1] - course.from[1]) * share(course, tick);

const sameCourse = (left, right) => left.departs === right.departs && left.arrives === right.arrives
  && left.to[0] === right.to[0] && left.to[1] === right.to[1] && left.from[0] === right.from[0] && left.from[1] === right.from[1];

const copyCourse = ({ from, to, departs, arrives }) => ({ from: [from[0], from[1]], to: [to[0], to[1]], departs, arrives });

/** One ship as it is drawn. */
export class Track {
  constructor({ id, kind, name, course }) {
    this.id = id;
    this.kind = kind;
    this.name = name;
    this.course = copyCourse(course);
    this.last = this.course;
    this.pending = [];
    this.x = course.from[0];
    this.y = course.from[1];
    this.angle = direction(this.course, Math.PI / 2);
    this.moving = false;
    this.alpha = 0;
    this.gone = false;
    this.generation = 0;
    this.offX = 0;
    this.offY = 0;
    this.glideX = 0;
    this.glideY = 0;
    this.glideFrom = Number.NEGATIVE_INFINITY;
    this.tick = Number.NEGATIVE_INFINITY;
    this.at = Number.NEGATIVE_INFINITY;
  }

  /** A course that the picture tells: drawn from the tick on at which it begins. Returns whether it is a new one. */
  learn(course) {
    if (sameCourse(course, this.last)) return false;
    this.last = copyCourse(course);
    this.pending.push(this.last);
    return true;
  }

  advance(tick, now) {
    const paused = now - this.at > PAUSE_MS;
    while (this.pending.length > 0 && (this.pending[0].departs <= tick || this.pending.length > PENDING_MAX)) this.turn(this.pending.shift(), now, paused);
    const rest = Math.max(0, 1 - (now - this.glideFrom) / GLIDE_MS);
    const ease = rest * rest * (3 - 2 * rest);
    this.offX = this.glideX * ease;
    this.offY = this.glideY * ease;
    this.x = courseX(this.course, tick) + this.offX;
    this.y = courseY(this.course, tick) + this.offY;
    this.moving = tick < this.course.arrives;
    this.angle = turned(this.angle, direction(this.course, this.angle), paused ? PAUSE_MS : now - this.at);
    this.tick = tick;
    this.at = now;
  }

  /** Goes over to a new course: at the tick when it began, or, if that was drawn already, from where the ship is shown. */
  turn(next, now, paused) {
    const at = Math.max(next.departs, this.tick);
    const known = this.tick !== Number.NEGATIVE_INFINITY && !paused;
    const x = known ? courseX(this.course, at) + this.offX - courseX(next, at) : 0;
    const y = known ? courseY(this.course, at) + this.offY - courseY(next, at) : 0;
    this.course = next;
    const far = Math.abs(x) > TELEPORT_STEPS || Math.abs(y) > TELEPORT_STEPS;
    if (far) this.alpha = 0;
    this.glideX = this.offX = far ? 0 : x;
    this.glideY = this.offY = far ? 0 : y;
    this.glideFrom = now;
  }
}

const direction = ({ from, to }, otherwise) => (from[0] === to[0] && from[1] === to[1] ? otherwise : Math.atan2(to[1] - from[1], to[0] - from[0]));

/** The nose follows the course within about GLIDE_MS, the short way round. */
function turned(angle, wanted, ms) {
  let difference = (wanted - angle) % (2 * Math.PI);
  if (difference > Math.PI) difference -= 2 * Math.PI;
  else if (difference < -Math.PI) difference += 2 * Math.PI;
  return angle + difference * Math.min(1, Math.max(0, ms) / (GLIDE_MS / 2));
}

/** One object as it is drawn. `pulled` says that the own ship takes it in: it is drawn on its way there while it fades. */
const prop = ({ id, kind, at }) => ({ id, kind, x: at[0], y: at[1], alpha: 0, gone: false, pulled: false, generation: 0, angle: (id * 2.399963) % (2 * Math.PI) });

/** All that is drawn of a world. */
export class Stage {
  constructor() {
    this.ships = new Map();
    this.objects = new Map();
    this.generation = 0;
    this.at = Number.NEGATIVE_INFINITY;
  }

  clear() {
    this.ships.clear();
    this.objects.clear();
  }

  sync(picture, clock = null) {
    this.generation += 1;
    for (const ship of picture.ships.values()) this.takeShip(ship, clock);
    for (const object of picture.objects.values()) this.takeObject(object);
    for (const track of this.ships.values()) if (track.generation !== this.generation) track.gone = true;
    for (const thing of this.objects.values()) if (thing.generation !== this.generation) thing.gone = true;
  }

  takeShip(ship, clock) {
    let track = this.ships.get(ship.id);
    if (!track) this.ships.set(ship.id, (track = new Track(ship)));
    else if (track.learn(ship.course) && !track.gone) clock?.observe(ship.course.departs);
    track.kind = ship.kind;
    track.name = ship.name;
    track.gone = false;
    track.generation = this.generation;
  }

  takeObject(object) {
    let thing = this.objects.get(object.id);
    if (!thing) this.objects.set(object.id, (thing = prop(object)));
    thing.gone = false;
    thing.generation = this.generation;
  }

  /** Moves everything to a tick. `calm`: no fading, things are there or not (reduced motion). */
  advance(tick, now, calm = false) {
    const passed = now - this.at;
    const step = calm || passed > PAUSE_MS ? 1 : Math.max(0, passed) / FADE_MS;
    this.at = now;
    for (const track of this.ships.values()) {
      track.advance(tick, now);
      if (fade(track, step)) this.ships.delete(track.id);
    }
    for (const thing of this.objects.values()) if (fade(thing, step)) this.objects.delete(thing.id);
  }
}

/** Returns whether nothing is left to be seen. */
function fade(thing, step) {
  thing.alpha = thing.gone ? Math.max(0, thing.alpha - step) : Math.min(1, thing.alpha + step);
  return thing.gone && thing.alpha === 0;
}
