// The card of what is chosen: a ship, an object, a hub or a gate, with what can be done about it.
//
//   const card = createCard(game, pilot, { onClose }); card.element; card.show({type, id or key} | null); card.update()

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { button, fill, h } from '../ui/dom.js';
import { distance as units, number } from '../ui/format.js';
import { distance, placeAt, untilReach } from './reach.js';
import { courseX, courseY } from './smoothing.js';

export function createCard(game, pilot, { onClose }) {
  let chosen = null;
  let key = '';
  const away = h('span', { class: 'chosen__away' });
  const element = h('section', { class: 'chosen view-card', 'aria-label': 'Chosen', hidden: true });

  function build() {
    const what = chosen && describe(game, pilot, chosen);
    element.hidden = !what;
    if (!what) return;
    fill(element,
      h('div', { class: 'chosen__head' }, h('div', {}, h('b', {}, what.name), h('small', {}, what.kind, ' · ', away)),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close this card', on: { click: onClose } }, '×')),
      what.lines.length > 0 && h('ul', { class: 'chosen__lines' }, what.lines.map((line) => h('li', {}, line))),
      h('div', { class: 'chosen__actions' }, what.actions));
  }

  return {
    element,
    show(next) {
      chosen = next;
      key = '';
      this.update();
    },
    /** Rebuilt only when something but the distance is different, so that the focus stays on its button. */
    update() {
      const at = chosen && placeOf(game, chosen);
      const now = chosen ? `${chosen.type}|${chosen.id ?? chosen.key}|${Boolean(at)}|${game.state.hub}|${game.state.gate}|${pilot.order?.type}|${pilot.order?.id ?? pilot.order?.key}` : '';
      if (now !== key) {
        key = now;
        build();
      }
      const own = game.position();
      away.textContent = at && own ? leftAtLength(distance(at, own), rangeOf(game, pilot, chosen)) : 'out of sight';
    },
  };
}

/** Within how many steps something can be used; null of ships, which can only be followed. */
function rangeOf(game, pilot, { type, key }) {
  if (type === 'ship') return null;
  return type === 'object' ? pilot.collectRange : (game[type](key)?.range_units ?? 0) * STEPS;
}

function leftAtLength(away, range) {
  if (range === null) return `${units(away)} away`;
  const left = untilReach(away, range);
  return left > 0 ? `${units(left)} until in reach` : 'in reach';
}

function placeOf(game, { type, id, key }) {
  const { client, catalog } = game;
  if (type === 'object') return client.picture.objects.get(id)?.at ?? null;
  if (type === 'ship') {
    const course = client.picture.ships.get(id)?.course;
    const tick = client.clock.tick();
    return course ? [courseX(course, tick), courseY(course, tick)] : null;
  }
  const sector = catalog.sectors[client.world?.key];
  const place = (type === 'hub' ? sector?.hubs : sector?.gates)?.find((other) => other.key === key);
  return place ? placeAt(place) : null;
}

function describe(game, pilot, chosen) {
  return { ship: describeShip, object: describeObject, hub: describeHub, gate: describeGate }[chosen.type](game, pilot, chosen);
}

function describeShip(game, pilot, { id }) {
  const ship = game.client.picture.ships.get(id);
  if (!ship) return null;
  const kind = game.catalog.ships[ship.kind];
  const player = game.people?.find(ship.name) ?? null;
  const following = pilot.order?.type === 'follow' && pilot.order.id === id;
  return {
    name: ship.name,
    kind: game.name('ship', ship.kind),
    lines: [kind && `Speed ${kind.speed_units} units/s, hold ${kind.cargo_volume}`],
    actions: [
      following ? button('Stop following', () => pilot.stop()) : button('Follow', () => pilot.follow(id), { class: 'button--primary' }),
      player && button('Player…', () => game.selectPlayer(player, ship.name)),
    ],
  };
}

function describeObject(game, pilot, { id }) {
  const object = game.client.picture.objects.get(id);
  if (!object) return null;
  const kind = game.catalog.objects[object.kind];
  const fetching = pilot.order?.type === 'collect' && pilot.order.id === id;
  return {
    name: game.name('object', object.kind),
    kind: 'Object',
    lines: [kind && `Holds ${kind.quantity_min}–${kind.quantity_max} × ${game.name('item', kind.item)}`, bestPrice(game, kind?.item)],
    actions: [fetching ? button('Leave it', () => pilot.stop()) : button('Collect', () => pilot.collect(id), { class: 'button--primary' })],
  };
}

/** The hub of this sector that pays most for an item by itself. */
function bestPrice(game, item) {
  const best = game.state.hubs.filter((hub) => hub.buys[item]).sort((left, right) => right.buys[item] - left.buys[item])[0];
  return best ? `${best.name} pays ${number(best.buys[item])} cr a piece` : null;
}

function describeHub(game, pilot, { key }) {
  const hub = game.hub(key);
  if (!hub) return null;
  const here = game.state.hub === key;
  return {
    name: hub.name,
    kind: 'Hub',
    lines: [`Buys ${list(game, hub.buys)}`, Object.keys(hub.sells).length > 0 && `Sells ${list(game, hub.sells)}`, hub.ships.length > 0 && `Builds ${hub.ships.map((ship) => game.name('ship', ship)).join(', ')}`],
    actions: [
      !here && button('Fly to', () => pilot.goTo({ type: 'hub', key }), { class: 'button--primary' }),
      button('Market', () => game.open('market', { hub: key }), { class: here ? 'button--primary' : '' }),
      here && button('Sell', () => game.open('ship', { hub: key })),
      button('Storage', () => game.open('ship', { tab: 'storage', hub: key })),
    ],
  };
}

const LISTED_MAX = 5;

function list(game, prices) {
  const items = Object.entries(prices).sort((left, right) => left[1] - right[1]);
  const shown = items.slice(0, LISTED_MAX).map(([item, price]) => `${game.name('item', item)} ${number(price)}`).join(', ');
  return items.length > LISTED_MAX ? `${shown} and ${items.length - LISTED_MAX} more` : shown;
}

function describeGate(game, pilot, { key }) {
  const gate = game.gate(key);
  if (!gate) return null;
  const here = game.state.gate === key;
  const hubs = (game.catalog.sectors[gate.to_sector]?.hubs ?? []).map(({ name }) => name);
  return {
    name: game.name('gate', key),
    kind: 'Gate',
    lines: [hubs.length > 0 && `There: ${hubs.join(', ')}`],
    actions: here
      ? [button('Jump', () => pilot.jump(key), { class: 'button--primary' })]
      : [button('Fly to', () => pilot.goTo({ type: 'gate', key })), button('Fly there and jump', () => pilot.goTo({ type: 'gate', key }, { jump: true }), { class: 'button--primary' })],
  };
}
