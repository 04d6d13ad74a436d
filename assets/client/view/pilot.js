// What the player orders the ship to do: fly to a point or in a direction, stop, and the orders that take a while: go to something and collect it, go to a hub
// or gate (and jump), follow a ship. An order ends when it is done, when another one is given, or when it has become impossible.
//
//   const pilot = new Pilot(game, { ripple });
//   pilot.flyTo([x, y]); pilot.head([dx, dy]); pilot.stop()
//   pilot.collect(id); pilot.goTo({type: 'hub' | 'gate', key}, {jump}); pilot.follow(id)
//   pilot.update(now)       some times a second: goes on with the order
//   pilot.aim               {x, y, since} from a click until the ship's course is known, or null; in steps
//   pilot.order             {type: 'collect' | 'hub' | 'gate' | 'follow', id or key, …} or null
//   pilot.watch(fn) → off   called when the order changes
//
// Commands sent: one for each click; with an order at most one in STEER_EVERY_MS.

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { goodsOf } from '../ui/format.js';
import { announce } from '../ui/toast.js';
import { approach, distance, placeAt } from './reach.js';

const STEER_EVERY_MS = 400;
/** A click's mark stays so long without an answer. */
const AIM_MS = 4000;
/** How far inside a range the ship goes, as a share of it: it is there for sure when it arrives. */
const INSIDE = 0.7;
/** How near a followed ship is followed, and how far it may move from where the course ends before a new one is sent. */
const FOLLOW_KEEP = 12 * STEPS;
const FOLLOW_SLACK = 6 * STEPS;
const TRIES_MAX = 8;
const TOO_FAR = 'out_of_range';

export class Pilot {
  constructor(game, { ripple }) {
    this.game = game;
    this.ripple = ripple;
    this.aim = null;
    this.order = null;
    this.steeredAt = Number.NEGATIVE_INFINITY;
    this.collecting = new Set();
    this.jumping = false;
    this.watchers = new Set();
  }

  watch(watcher) {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  give(order) {
    this.order = order;
    this.steeredAt = Number.NEGATIVE_INFINITY;
    for (const watcher of this.watchers) watcher(order);
  }

  get collectRange() {
    const { state, catalog } = this.game;
    const kind = this.ship?.kind ?? catalog.start.ship;
    return state.stats?.collect_range ?? (catalog.ships[kind]?.collect_range_units ?? 0) * STEPS;
  }

  get ship() {
    const { client } = this.game;
    return client.world ? client.picture.ships.get(client.world.ship) : undefined;
  }

  flyTo(point) {
    this.give(null);
    const size = (this.game.client.world?.sizeUnits ?? 1) * STEPS;
    const to = point.map((value) => Math.min(Math.max(Math.round(value), 0), size - 1));
    this.aim = { x: to[0], y: to[1], since: performance.now() };
    return this.navigate({ to });
  }

  head(direction) {
    this.give(null);
    this.aim = null;
    return this.navigate({ heading: direction });
  }

  stop() {
    this.give(null);
    this.aim = null;
    return this.navigate({ stop: true });
  }

  /** The refusal of a flight has been told already; nobody waits for its answer but the mark of the click. */
  async navigate(body) {
    const { aim } = this;
    try {
      return await this.game.act('navigate', body);
    } catch {
      return null;
    } finally {
      if (aim && this.aim === aim) this.aim = null;
    }
  }

  /** Takes an object in: at once if it is in reach, otherwise flies there first. */
  async collect(id) {
    const object = this.game.client.picture.objects.get(id);
    if (!object) return this.game.toast('That is gone.', { level: 'warn' });
    const near = this.away(object.at) <= this.collectRange;
    this.give(near ? null : this.fetching(object));
    // The server's word counts: the ship may have been elsewhere than it seemed here.
    if (near && (await this.take(id)) === TOO_FAR && !this.order) this.give(this.fetching(object));
    return this.update(performance.now());
  }

  fetching({ id, at, kind }) {
    this.aim = { x: at[0], y: at[1], since: performance.now() };
    return { type: 'collect', id, name: this.game.name('object', kind), tries: 0 };
  }

  /** The answer's goods are told, and so is each refusal but TOO_FAR, which it returns. */
  async take(id) {
    if (this.collecting.has(id)) return null;
    this.collecting.add(id);
    const object = this.game.client.picture.objects.get(id);
    try {
      await this.game.act('collect', { object: id }, { quiet: true, done: ({ item, quantity }) => `Collected ${goodsOf(quantity, this.game.name('item', item))}.` });
      if (object) this.ripple(object.at, id);
      return null;
    } catch (error) {
      if (error.code === TOO_FAR) return TOO_FAR;
      this.game.toast(this.game.explain(error), { level: 'bad' });
      return null;
    } finally {
      this.collecting.delete(id);
    }
  }

  goTo({ type, key }, { jump = false } = {}) {
    const place = this.place(type, key);
    if (!place) return null;
    const at = placeAt(place);
    if (this.away(at) > place.range_units * STEPS * INSIDE) this.aim = { x: at[0], y: at[1], since: performance.now() };
    this.give({ type, key, jump, name: this.game.name(type, key) });
    return this.update(performance.now());
  }

  follow(id) {
    const ship = this.game.client.picture.ships.get(id);
    if (!ship) return null;
    this.give({ type: 'follow', id, name: ship.name, sent: null });
    return this.update(performance.now());
  }

  async jump(key) {
    if (this.jumping) return;
    this.jumping = true;
    try {
      await this.game.act('jump', { gate: key });
    } catch {
      // Told already.
    } finally {
      this.jumping = false;
    }
  }

  place(type, key) {
    const sector = this.game.catalog.sectors[this.game.client.world?.key];
    return (type === 'hub' ? sector?.hubs : sector?.gates)?.find((place) => place.key === key) ?? null;
  }

  /** How far the ship is from a point now, in steps. */
  away(point) {
    const at = this.game.position();
    return at ? distance(at, point) : Number.POSITIVE_INFINITY;
  }

  update(now) {
    if (this.aim && now - this.aim.since > AIM_MS) this.aim = null;
    // The order waits for the connection.
    if (this.game.client.state.phase !== 'online') return;
    if (!this.order || !this.ship || now - this.steeredAt < STEER_EVERY_MS) return;
    if (this.order.type === 'collect') this.updateCollect(now);
    else if (this.order.type === 'follow') this.updateFollow(now);
    else this.updatePlace(now);
  }

  async updateCollect(now) {
    const { order } = this;
    const object = this.game.client.picture.objects.get(order.id);
    if (!object) return this.fail(`${order.name}: somebody else was faster.`);
    // After it was said to be too far away the ship goes all the way.
    const keep = order.tries > 0 ? STEPS : this.collectRange * INSIDE;
    if (this.away(object.at) > this.collectRange * 0.98) return this.steer(object.at, keep, now);
    this.steeredAt = now;
    const answer = await this.take(order.id);
    if (this.order !== order) return undefined;
    if (answer !== TOO_FAR) return this.give(null);
    order.tries += 1;
    if (order.tries >= TRIES_MAX) return this.fail(`${order.name} cannot be reached.`);
    return this.steer(object.at, STEPS, now);
  }

  updatePlace(now) {
    const { order } = this;
    const place = this.place(order.type, order.key);
    if (!place) return this.give(null);
    if (this.away(placeAt(place)) > place.range_units * STEPS * INSIDE + STEPS) return this.steer(placeAt(place), place.range_units * STEPS * INSIDE, now);
    announce(`Arrived at ${order.name}.`);
    this.give(null);
    return order.jump ? this.jump(order.key) : undefined;
  }

  updateFollow(now) {
    const { order } = this;
    const ship = this.game.client.picture.ships.get(order.id);
    if (!ship) return this.fail(`${order.name} is out of sight.`);
    const tick = this.game.client.clock.tick();
    const share = Math.min(1, Math.max(0, (tick - ship.course.departs) / Math.max(1, ship.course.arrives - ship.course.departs)));
    const at = ship.course.from.map((value, axis) => value + (ship.course.to[axis] - value) * share);
    const way = approach(this.game.position(), at, FOLLOW_KEEP);
    if (!way || (order.sent && distance(order.sent, at) < FOLLOW_SLACK)) return undefined;
    order.sent = at;
    return this.steer(at, FOLLOW_KEEP, now);
  }

  /** Flies towards a point until `keep` steps before it, unless the ship is on its way there already. */
  steer(target, keep, now) {
    const to = approach(this.game.position(), target, keep);
    const { course } = this.ship;
    const underWay = this.game.client.clock.tick() < course.arrives;
    if (!to || (underWay && distance(course.to, target) <= keep + STEPS)) return;
    this.steeredAt = now;
    this.navigate({ to });
  }

  fail(text) {
    this.give(null);
    this.game.toast(text, { level: 'warn' });
  }

  /** Another world: what was ordered in the last one means nothing here. */
  forget() {
    this.aim = null;
    if (this.order) this.give(null);
  }
}
