// "In sight": the nearest ships and objects, and the sector's hubs and gates, as a list with buttons. It makes the game playable without the picture: by keys
// alone, or by ear. The order stays while the pointer or the focus is in the list, so that nothing slips away under either; the line below the list says so.
//
//   const list = createSight(game, pilot, { onChoose({type, id or key}) }); list.element; list.update(); list.renew(); list.toggle(); list.focus()
//   nearestObject(game, at, collectRange, fits(kind, id)) → {id, kind, at, left} or null; left: steps until it is in reach

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { fill, h } from '../ui/dom.js';
import { COLOURS, objectLook } from './palette.js';
import { distance, leftWords, placeAt, untilReach } from './reach.js';

const ROWS_MAX = 14;
/** A mouse that rests for so long does not hold the list any more. */
const POINTED_MS = 2500;
const LEGEND = { moves: 'Distances: units until it is in reach', held: 'The order waits while you choose' };
const FILTERS = [['all', 'All'], ['object', 'Objects'], ['ship', 'Ships'], ['place', 'Hubs, gates']];

export function nearestObject(game, at, collectRange, fits = () => true) {
  let best = null;
  for (const object of game.client.picture.objects.values()) {
    const left = untilReach(distance(object.at, at), collectRange);
    if ((best === null || left < best.left) && fits(object.kind, object.id)) best = { id: object.id, kind: object.kind, at: object.at, left };
  }
  return best;
}

/** All things of one filter, nearest first; `left`: steps until each is in reach. Ships have no reach: with them it is the distance. */
export function inSight(game, at, filter, collectRange) {
  const { client, catalog } = game;
  const entries = [];
  const add = (entry, place, range) => entries.push({ ...entry, left: untilReach(distance(place, at), range) });
  const sector = catalog.sectors[client.world?.key];
  if (filter === 'all' || filter === 'place') {
    for (const type of ['hub', 'gate']) for (const place of sector?.[`${type}s`] ?? []) add({ type, key: place.key, name: game.name(type, place.key), kind: type === 'hub' ? 'Hub' : 'Gate' }, placeAt(place), place.range_units * STEPS);
  }
  if (filter === 'all' || filter === 'object') {
    for (const object of client.picture.objects.values()) add({ type: 'object', id: object.id, key: object.kind, name: game.name('object', object.kind), kind: game.name('item', catalog.objects[object.kind]?.item) }, object.at, collectRange);
  }
  if (filter === 'all' || filter === 'ship') {
    const tick = Math.floor(client.clock.tick());
    for (const ship of client.picture.ships.values()) if (ship.id !== client.world?.ship) add({ type: 'ship', id: ship.id, name: ship.name, kind: game.name('ship', ship.kind) }, placeOf(ship.course, tick), 0);
  }
  return entries.sort((one, other) => one.left - other.left);
}

function placeOf({ from, to, departs, arrives }, tick) {
  const share = tick >= arrives ? 1 : Math.max(0, (tick - departs) / (arrives - departs));
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

const same = (left, right) => left && right && left.type === right.type && (left.id ?? left.key) === (right.id ?? right.key);

export function createSight(game, pilot, { onChoose }) {
  let filter = 'all';
  const rows = Array.from({ length: ROWS_MAX }, () => createRow(game, pilot, onChoose));
  const none = h('li', { class: 'sight__none' }, 'Nothing in sight.');
  const list = h('ul', { class: 'sight__list' }, rows.map((row) => row.element), none);
  const filters = h('div', { class: 'sight__filters', role: 'group', 'aria-label': 'Show' }, FILTERS.map(([key, label]) => h('button', {
    type: 'button', 'aria-pressed': String(key === filter), on: { click: (event) => choose(key, event.currentTarget) },
  }, label)));
  const legend = h('p', { class: 'sight__legend' });
  const element = h('section', { class: 'sight view-card', 'aria-label': 'In sight', hidden: true }, filters, list, legend);
  // A finger that has tapped here leaves the focus behind, but holds nothing; a mouse that moves here, and the focus of the keyboard, do.
  let pointedAt = Number.NEGATIVE_INFINITY;
  element.addEventListener('pointermove', (event) => { if (event.pointerType === 'mouse') pointedAt = performance.now(); });
  element.addEventListener('pointerleave', () => { pointedAt = Number.NEGATIVE_INFINITY; });
  const held = () => performance.now() - pointedAt < POINTED_MS || element.querySelector(':focus-visible') !== null;

  function choose(key, button) {
    filter = key;
    for (const other of filters.children) other.setAttribute('aria-pressed', String(other === button));
    refill(true);
  }

  /** `anew`: in a new order; otherwise those that are shown stay where they are, and only empty rows are filled. */
  function refill(anew) {
    const at = game.position();
    const entries = at ? inSight(game, at, filter, pilot.collectRange) : [];
    if (anew) rows.forEach((row, index) => row.show(entries[index] ?? null));
    else for (const row of rows) if (row.entry) row.show(entries.find((entry) => same(entry, row.entry)) ?? null, true);
    none.hidden = rows.some((row) => row.entry);
    const words = anew ? LEGEND.moves : LEGEND.held;
    if (legend.textContent !== words) legend.textContent = words;
  }

  return {
    element,
    update: () => { if (!element.hidden) refill(!held()); },
    /** Another world: nothing that was in sight is there. */
    renew: () => refill(true),
    toggle(open = element.hidden) {
      element.hidden = !open;
      if (open) refill(true);
      return open;
    },
    focus: () => element.querySelector('.sight__name').focus(),
  };
}

const ACTIONS = { object: 'Collect', ship: 'Follow', hub: 'Fly to', gate: 'Fly to' };
const COLOUR = { ship: COLOURS.ship, hub: COLOURS.hub, gate: COLOURS.gate };

function createRow(game, pilot, onChoose) {
  const dot = h('span', { class: 'sight__dot', 'aria-hidden': 'true' });
  const name = h('b', {});
  const kind = h('small', {});
  const away = h('span', { class: 'sight__away' });
  const open = h('button', { type: 'button', class: 'sight__name', on: { click: () => { if (row.entry && !row.gone) onChoose(row.entry); } } }, dot, h('span', {}, name, kind), away);
  const action = h('button', { type: 'button', class: 'sight__action', on: { click: () => { if (row.entry && !row.gone) act(pilot, row.entry); } } });
  const element = h('li', { class: 'sight__row' }, open, action);
  const row = {
    element,
    entry: null,
    gone: false,
    /** `keep`: a row that has lost its thing stays until the list may move again. */
    show(entry, keep = false) {
      element.classList.toggle('sight__row--gone', keep && !entry);
      // Not disabled: a button that is loses the focus.
      row.gone = keep && !entry;
      for (const control of [open, action]) control.setAttribute('aria-disabled', String(row.gone));
      if (row.gone) return;
      element.hidden = !entry;
      if (!entry) {
        row.entry = null;
        return;
      }
      if (!same(entry, row.entry)) label(entry);
      row.entry = entry;
      const words = leftWords(entry.left);
      if (away.textContent !== words) away.textContent = words;
    },
  };
  function label(entry) {
    fill(name, entry.name);
    fill(kind, entry.kind);
    dot.style.background = COLOUR[entry.type] ?? objectLook(entry.key)[2];
    action.textContent = ACTIONS[entry.type];
    action.setAttribute('aria-label', `${ACTIONS[entry.type]} ${entry.name}`);
  }
  return row;
}

export function act(pilot, { type, id, key }) {
  if (type === 'object') return pilot.collect(id);
  return type === 'ship' ? pilot.follow(id) : pilot.goTo({ type, key });
}
