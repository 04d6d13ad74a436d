// The view: the living sector on the whole window, and what the pilot does in it. Puts the parts together and runs the frame loop.
//
//   const view = mountView(root, game)
//   view.unmount(); view.focus(); view.select({type: 'ship' | 'object' | 'hub' | 'gate', id or key} | id | null); view.flyTo([x, y]); view.showGalaxy()
//   view.drawn() → [{id, x, y}] ships as last drawn, in steps; view.stats() → {fps, frameMs, gapMs, drawn, …} (meter.js)
//   view.pilot, view.hud (collect, trade, jump), view.camera, view.routeTo(sectorKey | null), view.setOut(sectorKey), view.collectKind([kind])
//
// Each frame: the picture's changes go to the stage (smoothing.js), the stage goes on to the tick that is drawn, the camera follows, the painter paints.
// Ten times a second: the pilot's orders and the mini-map; four times: bar, card and list.

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { h } from '../ui/dom.js';
import { keys } from '../ui/keys.js';
import { announce } from '../ui/toast.js';
import { Backdrop } from './backdrop.js';
import { Camera } from './camera.js';
import { createCard } from './card.js';
import { openGalaxy } from './galaxy.js';
import { HeadingKeys } from './heading.js';
import { hit } from './hit.js';
import { createHud } from './hud.js';
import { startFlightKeys, startPointer } from './input.js';
import { Meter } from './meter.js';
import { createMinimap } from './minimap.js';
import { Painter } from './paint.js';
import { COLOURS } from './palette.js';
import { Pilot } from './pilot.js';
import { clear } from './clear.js';
import { inReach, leftWords, nearestField, nearestPlace, placeAt } from './reach.js';
import { route } from './route.js';
import { createSight, nearestObject } from './sight.js';
import { DrawClock, Stage } from './smoothing.js';

const RATIO_MAX = 2;
const PILOT_EVERY_MS = 100;
const PARTS_EVERY_MS = 250;
const FINGER_PIXELS = 10;
const HOVER_EVERY_MS = 60;
const JUDGE_EVERY_MS = 5000;
const SLOW_FRAME_MS = 24;
const FINER_AFTER_MS = 20_000;
const DOCKED_LIST_FROM = 1100;

export function mountView(root, game) {
  const view = new View(root, game);
  view.start();
  return view;
}

class View {
  constructor(root, game) {
    this.root = root;
    this.game = game;
    this.stage = new Stage();
    this.clock = new DrawClock();
    this.camera = new Camera();
    this.meter = new Meter();
    this.offs = [];
    this.changed = true;
    this.ratioMax = RATIO_MAX;
    this.judgedAt = 0;
    this.finerAt = 0;
    this.finerAfter = FINER_AFTER_MS;
    this.target = null;
    this.world = null;
    this.motion = window.matchMedia('(prefers-reduced-motion: reduce)');
    this.pilot = new Pilot(game, { ripple: (at, id) => this.ripple(at, id) });
    this.ship = { x: 0, y: 0 };
    this.scene = {
      camera: this.camera, stage: this.stage, sector: null, own: null, calm: this.motion.matches, names: true, sightUnits: 0, collectUnits: 0,
      chosen: null, hover: null, aim: null, routeGate: null, placeNames: new Map(), objectNames: (kind) => game.name('object', kind), ripples: [], insets: { left: 0, right: 0, top: 0, bottom: 0 }, backdrop: null, nearest: null, nearestHub: null,
    };
    this.build();
  }

  build() {
    const { game, pilot } = this;
    this.canvas = h('canvas', {
      class: 'view__canvas', tabindex: '0', role: 'application',
      'aria-label': 'The sector. W A S D or arrows fly, space stops, plus and minus zoom. Everything in sight is also in the list “In sight”.',
    });
    this.backdrop = new Backdrop();
    this.scene.backdrop = this.backdrop;
    this.painter = new Painter(this.canvas);
    this.hud = createHud(game, pilot, {
      onRecentre: () => this.camera.follow(), onZoom: (factor) => this.camera.zoom(factor), onGalaxy: () => this.showGalaxy(), onSight: () => this.toggleSight(),
    });
    this.card = createCard(game, pilot, { onClose: () => { this.select(null); this.focus(); } });
    this.sight = createSight(game, pilot, { onChoose: (what) => this.select(what) });
    this.minimap = createMinimap({ onFly: (point) => this.flyTo(point) });
    this.element = h('div', { class: 'view' }, this.canvas, h('div', { class: 'view__focus', 'aria-hidden': 'true' }),
      h('div', { class: 'view__left' }, this.sight.element, h('div', { class: 'view__corner' }, this.minimap.element, this.hud.tools)),
      this.card.element, this.hud.element);
    this.root.append(this.element);
    this.resized = new ResizeObserver(() => this.fit());
    this.resized.observe(this.element);
  }

  start() {
    const { game } = this;
    const heading = new HeadingKeys();
    this.heading = heading;
    this.offs.push(
      startPointer(this.canvas, this.camera, { onTap: (x, y, how) => this.tap(x, y, how), onHover: (x, y) => this.hover(x, y) }),
      startFlightKeys(this.element, heading, {
        onHeading: (direction) => this.pilot.head(direction), onStop: () => this.pilot.stop(), onZoom: (factor) => this.camera.zoom(factor), onRecentre: () => this.camera.follow(),
      }),
      keys.add({ key: 'c', run: () => this.hud.collect() }),
      keys.add({ key: 'j', run: () => this.hud.jump() }),
      keys.add({ key: 'h', run: () => this.hud.trade() }),
      keys.add({ key: 'i', run: () => this.sightByKey() }),
      keys.add({ key: 'Right click', label: 'Look at something without flying there; on a touch screen a long touch' }),
      keys.add({ key: 'm', run: () => this.showGalaxy() }),
      game.client.on('cells', () => { this.changed = true; }),
      game.client.on('entered', () => { this.changed = true; }),
      game.client.on('welcome', () => { this.changed = true; }),
    );
    const calm = () => { this.scene.calm = this.motion.matches; };
    this.motion.addEventListener('change', calm);
    this.offs.push(() => this.motion.removeEventListener('change', calm));
    if (game.settings) this.offs.push(game.settings.watch((key) => { if (key === 'names') this.readSettings(); }));
    this.readSettings();
    this.fit();
    if (window.innerWidth >= DOCKED_LIST_FROM) this.toggleSight();
    this.timers = [setInterval(() => this.pilotTick(), PILOT_EVERY_MS), setInterval(() => this.partsTick(), PARTS_EVERY_MS)];
    this.loop = (now) => {
      this.frame(now);
      this.handle = requestAnimationFrame(this.loop);
    };
    this.handle = requestAnimationFrame(this.loop);
  }

  readSettings() {
    this.scene.names = this.game.settings?.get('names') ?? true;
  }

  fit() {
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    const ratio = Math.min(window.devicePixelRatio || 1, this.ratioMax);
    if (width === 0 || height === 0) return;
    this.camera.resize(width, height);
    this.painter.resize(width, height, ratio);
    this.backdrop.resize(width, height, ratio);
    this.scene.insets = clear(this.element);
  }

  frame(time) {
    const started = performance.now();
    const { client } = this.game;
    if (this.changed) this.takePicture(client);
    const { scene } = this;
    const tick = this.clock.advance(client.clock.tick(started), client.clock.tickMs, started);
    this.stage.advance(tick, started, scene.calm);
    scene.own = (this.world && this.stage.ships.get(this.world.ship)) ?? null;
    scene.aim = this.pilot.aim;
    if (scene.own) {
      this.ship.x = scene.own.x / STEPS;
      this.ship.y = scene.own.y / STEPS;
    }
    this.camera.advance(scene.own ? this.ship : null, time - (this.lastTime ?? time), scene.calm);
    this.lastTime = time;
    const drawn = this.painter.paint(scene, started);
    this.meter.frame(started, performance.now(), drawn);
  }

  takePicture(client) {
    this.changed = false;
    if (client.world && (client.world.number !== this.world?.number || client.world.ship !== this.world.ship)) this.enter(client.world);
    // What comes shortly before `entered` is of a world that the page is not in yet.
    if (this.world && (client.picture.worldNumber === undefined || client.picture.worldNumber === this.world.number)) this.stage.sync(client.picture, this.clock);
  }

  enter(world) {
    const { game, scene } = this;
    const another = world.number !== this.world?.number;
    this.world = world;
    const sector = game.catalog.sectors[world.key] ?? null;
    this.stage.clear();
    this.clock.reset();
    this.pilot.forget();
    scene.sector = sector;
    scene.sightUnits = world.interestRadiusUnits;
    scene.placeNames = new Map([...(sector?.hubs ?? []).map(({ key, name }) => [key, name]), ...(sector?.gates ?? []).map(({ key }) => [key, game.name('gate', key)])]);
    this.camera.setWorld(world.sizeUnits, world.interestRadiusUnits);
    this.backdrop.setSector(world.number);
    this.minimap.setSector(sector);
    if (another) this.select(null);
    this.sight.renew();
    this.plan();
  }

  /** The next gate on the way to where the player wants. */
  plan() {
    if (this.world && this.target === this.world.key) {
      this.game.toast(`You have arrived in ${this.game.name('sector', this.target)}.`, { level: 'good' });
      this.target = null;
    }
    this.nextGate = (this.target && this.world && route(this.game.catalog.sectors, this.world.key, this.target)?.[0]) ?? null;
    this.scene.routeGate = this.nextGate?.key ?? null;
  }

  routeTo(sector) {
    this.target = sector;
    this.plan();
  }

  pilotTick() {
    this.pilot.update(performance.now());
    this.scene.collectUnits = this.pilot.collectRange / STEPS;
    this.minimap.draw(this.scene);
  }

  partsTick() {
    this.judge();
    const { game, scene } = this;
    const at = this.world ? game.position() : null;
    const sector = scene.sector;
    const reach = at ? inReach({ at, sector, objects: game.client.picture.objects.values(), collectRange: this.pilot.collectRange }) : { hub: null, gate: null, objects: [] };
    if (this.world) this.signs(at, reach);
    this.scene.insets = clear(this.element);
    this.hud.update({ reach, at, sector, following: this.camera.following, flight: this.flight(at), nextGate: this.nextGate });
    this.card.update();
    this.sight.update();
  }

  /** What the picture points to: the next object, unless one is in reach or an order is under way; and the nearest hub. */
  signs(at, reach) {
    const { game, scene, pilot } = this;
    const object = at && reach.objects.length === 0 && !pilot.order && nearestObject(game, at, pilot.collectRange);
    scene.nearest = object ? { at: object.at, text: `${game.name('object', object.kind)} · ${leftWords(object.left)}` } : null;
    const hub = at && !reach.hub && nearestPlace(scene.sector?.hubs, at);
    scene.nearestHub = hub ? { at: placeAt(hub.place), text: `${hub.place.name} · ${leftWords(hub.left)}` } : null;
  }

  /** A device that cannot keep up with its fine screen gets a coarser picture, and with it more frames; later it is tried again, each time after twice as long. */
  judge() {
    const now = performance.now();
    if (this.judgedAt === 0) this.judgedAt = now;
    if (now - this.judgedAt < JUDGE_EVERY_MS || document.hidden) return;
    this.judgedAt = now;
    const slow = this.meter.stats().gapMs.p50 > SLOW_FRAME_MS;
    if (slow && this.painter.ratio > 1) {
      this.ratioMax = Math.max(1, this.painter.ratio - 0.5);
      this.finerAt = now + this.finerAfter;
      this.finerAfter *= 2;
      this.fit();
    } else if (!slow && this.ratioMax < RATIO_MAX && now > this.finerAt) {
      this.ratioMax = RATIO_MAX;
      this.fit();
    }
  }

  flight(at) {
    const course = this.pilot.ship?.course;
    if (!course || !at) return null;
    const { clock } = this.game.client;
    const ms = (course.arrives - clock.tick()) * clock.tickMs;
    return ms > 0 ? { ms, away: Math.hypot(course.to[0] - at[0], course.to[1] - at[1]) } : null;
  }

  /** A click on a thing goes to it, on space flies there; to look at something only: the right button, Shift, or a long touch. */
  tap(x, y, { touch, inspect }) {
    this.focus();
    const found = hit(this.scene, x, y, touch ? FINGER_PIXELS : 0);
    if (found) this.select(found);
    else if (!inspect) this.select(null);
    if (inspect || !this.world) return;
    if (!found) this.flyTo([this.camera.worldX(x) * STEPS, this.camera.worldY(y) * STEPS]);
    else if (found.type === 'object') this.pilot.collect(found.id);
    else if (found.type !== 'ship' && this.game.state[found.type] !== found.key) this.pilot.goTo(found);
  }

  /** Things under the mouse are told from space; sought a few times a second, for the pointer moves more often. */
  hover(x, y) {
    const now = performance.now();
    if (now - (this.hoveredAt ?? 0) < HOVER_EVERY_MS) return;
    this.hoveredAt = now;
    this.scene.hover = hit(this.scene, x, y);
    this.canvas.classList.toggle('view__canvas--thing', this.scene.hover !== null);
  }

  flyTo(point) {
    this.heading.clear();
    this.ripple(point, null);
    return this.pilot.flyTo(point);
  }

  /** Fetches the nearest object of these kinds; where none is in sight, flies to where they appear. */
  collectKind(kinds) {
    const { game, pilot } = this;
    const at = this.world ? game.position() : null;
    if (!at) return;
    const object = nearestObject(game, at, pilot.collectRange, (kind) => kinds.includes(kind));
    const field = nearestField(this.scene.sector, at, (kind) => kinds.includes(kind));
    if (object) pilot.collect(object.id);
    else if (field) {
      game.toast(`${kinds.map((kind) => game.name('object', kind)).join(', ')}: none in sight. Your ship flies to where such things appear.`);
      this.flyTo(field);
    }
  }

  ripple(at, id) {
    if (this.scene.calm) return;
    this.scene.ripples.push({ x: at[0], y: at[1], since: performance.now(), colour: COLOURS.own });
    const thing = id !== null && this.stage.objects.get(id);
    if (thing) thing.pulled = true;
  }

  select(what) {
    this.scene.chosen = typeof what === 'number' ? this.find(what) : what && { type: what.type, id: what.id, key: what.key };
    this.card.show(this.scene.chosen);
  }

  find(id) {
    if (this.game.client.picture.ships.has(id)) return { type: 'ship', id };
    return this.game.client.picture.objects.has(id) ? { type: 'object', id } : null;
  }

  toggleSight() {
    const open = this.sight.toggle();
    this.hud.sight.setAttribute('aria-expanded', String(open));
  }

  /** Opens the list and goes into it; from inside, closes it. */
  sightByKey() {
    const inside = this.sight.element.contains(document.activeElement);
    if (this.sight.element.hidden || inside) this.toggleSight();
    if (inside) this.focus();
    else this.sight.focus();
  }

  showGalaxy() {
    openGalaxy(this.game, {
      target: this.target,
      onRoute: (key) => {
        this.routeTo(key);
        announce(key ? `The route leads to ${this.game.name('sector', key)}.` : 'No route.');
      },
      onGo: (gate) => {
        this.select({ type: 'gate', key: gate.key });
        this.pilot.goTo({ type: 'gate', key: gate.key }, { jump: true });
      },
    });
  }

  /** On the way to another sector: to the first gate, and through it. */
  setOut(sector) {
    this.routeTo(sector);
    if (this.nextGate) this.pilot.goTo({ type: 'gate', key: this.nextGate.key }, { jump: true });
    else this.game.toast(`No gate leads to ${this.game.name('sector', sector)}.`, { level: 'warn' });
  }

  focus() {
    this.canvas.focus({ preventScroll: true });
  }

  drawn() {
    return [...this.stage.ships.values()].filter((track) => !track.gone).map(({ id, x, y }) => ({ id, x, y }));
  }

  stats() {
    return { ...this.meter.stats(), ships: this.stage.ships.size, objects: this.stage.objects.size, delayMs: this.clock.delayMs };
  }

  unmount() {
    cancelAnimationFrame(this.handle);
    this.timers.forEach(clearInterval);
    this.offs.forEach((off) => off());
    this.resized.disconnect();
    this.element.remove();
  }
}
