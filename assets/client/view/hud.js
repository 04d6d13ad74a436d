// The bar at the bottom: what the ship is doing, and what it can do here: collect, sell or trade at the hub, jump. A button that does nothing now says why.
//
//   const hud = createHud(game, pilot, { onRecentre, onZoom, onGalaxy, onSight }); hud.element; hud.update(view)
//   view: { reach (of reach.js), at, following, flight ({arrives in ms, away in steps} or null), nextGate (a gate on the route or null) }

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { h } from '../ui/dom.js';
import { count, duration, number } from '../ui/format.js';
import { nearestObject } from './sight.js';
import { nearestPlace } from './reach.js';

const units = (steps) => `${number(Math.max(0, Math.round(steps / STEPS)))}\u00a0u`;

/** A button with a key and a line below it that says what it does or why it cannot; it can be pressed all the same, and then tells why at length. */
function actionButton(label, key, run) {
  const name = h('b', {}, label);
  const why = h('small', {});
  const element = h('button', { type: 'button', class: 'hud__action', 'aria-keyshortcuts': key, on: { click: run } },
    h('kbd', { 'aria-hidden': 'true' }, key), h('span', { class: 'hud__text' }, name, why));
  let shown = '';
  return {
    element,
    set(title, reason, enabled) {
      const text = `${title}|${reason}|${enabled}`;
      if (text === shown) return;
      shown = text;
      name.textContent = title;
      why.textContent = reason;
      element.setAttribute('aria-disabled', String(!enabled));
      element.title = `${title} (${key}): ${reason}`;
    },
  };
}

export function createHud(game, pilot, { onRecentre, onZoom, onGalaxy, onSight }) {
  let view = null;
  const tell = (text) => game.toast(text, { level: 'info' });
  const collect = () => {
    const problem = collectProblem(game, view);
    if (problem) tell(tooFar(game, view) ?? problem);
    else pilot.collect((view.reach.objects.find(({ id }) => game.client.picture.objects.has(id) && !pilot.collecting.has(id)) ?? view.reach.objects[0]).id);
  };
  const jump = () => {
    if (view?.reach.gate) pilot.jump(view.reach.gate.key);
    else tell(gateReason(game, view));
  };
  const trade = () => {
    if (!view?.reach.hub) tell(hubReason(game, view));
    else if (sellable(game, view.reach.hub) > 0) game.open('ship');
    else game.open('market', { hub: view.reach.hub.key });
  };
  const actions = {
    collect: actionButton('Collect', 'C', collect),
    hub: actionButton('Trade', 'H', trade),
    jump: actionButton('Jump', 'J', jump),
  };
  const status = h('span', { class: 'hud__status' });
  const stop = h('button', { type: 'button', class: 'hud__small', hidden: true, 'aria-keyshortcuts': 'Space', on: { click: () => pilot.stop() } }, 'Stop');
  // On a route: the way to its next gate, and through it.
  const onward = h('button', { type: 'button', class: 'hud__small', hidden: true, on: { click: () => { if (view?.nextGate) pilot.goTo({ type: 'gate', key: view.nextGate.key }, { jump: true }); } } });
  const sight = tool('In sight', '☰', onSight, { 'aria-expanded': 'false' });
  const follow = tool('Back to my ship', '◎', onRecentre);
  const element = h('div', { class: 'hud', role: 'group', 'aria-label': 'Ship' },
    h('div', { class: 'hud__line' }, status, onward, stop),
    h('div', { class: 'hud__actions' }, actions.collect.element, actions.hub.element, actions.jump.element));
  const tools = h('div', { class: 'view-tools', role: 'group', 'aria-label': 'View' },
    sight, tool('Map of the galaxy', '✦', onGalaxy), tool('Nearer', '+', () => onZoom(1.3)), tool('Farther', '−', () => onZoom(1 / 1.3)), follow);

  return {
    element, tools, sight, collect, jump, trade,
    update(next) {
      view = next;
      const flying = Boolean(view.flight);
      const line = statusLine(game, pilot, view);
      if (status.textContent !== line) status.textContent = line;
      stop.hidden = !flying && !pilot.order;
      const { nextGate } = view;
      onward.hidden = !nextGate || (pilot.order?.key === nextGate.key && pilot.order.jump);
      const way = nextGate ? `On to ${game.name('sector', nextGate.to_sector)}` : '';
      if (onward.textContent !== way) onward.textContent = way;
      follow.classList.toggle('view-tools__on', !view.following);
      const nearest = view.reach.objects[0];
      const problem = collectProblem(game, view);
      actions.collect.set('Collect', problem ?? goods(game, nearest.kind), !problem);
      const { hub } = view.reach;
      const pieces = hub ? sellable(game, hub) : 0;
      actions.hub.set(pieces > 0 ? 'Sell here' : 'Trade', pieces > 0 ? `${hub.name} · ${count(pieces, 'piece')}` : hub?.name ?? hubReason(game, view), Boolean(hub));
      actions.jump.set(view.reach.gate ? `Jump to ${game.name('sector', view.reach.gate.to_sector)}` : 'Jump', view.reach.gate ? 'The gate is open' : gateReason(game, view), Boolean(view.reach.gate));
    },
  };
}

function tool(name, sign, run, props = {}) {
  return h('button', { type: 'button', class: 'view-tools__button', 'aria-label': name, title: name, ...props, on: { click: run } }, h('span', { 'aria-hidden': 'true' }, sign));
}

const goods = (game, kind) => {
  const object = game.catalog.objects[kind];
  const pieces = object ? ` · ${object.quantity_min}–${object.quantity_max}` : '';
  return `${game.name('object', kind)}${pieces}`;
};

function collectProblem(game, view) {
  const nearest = view?.reach.objects[0];
  if (!nearest) {
    const far = view?.at && nearestObject(game, view.at);
    return far ? `Nearest: ${units(far.distance)}` : 'Nothing in sight here';
  }
  const { status } = game.state;
  const object = game.catalog.objects[nearest.kind];
  const volume = game.catalog.items[object?.item]?.volume ?? 0;
  if (status && status.cargo_used + volume * (object?.quantity_min ?? 1) > status.cargo_capacity) return 'The hold is full';
  return null;
}

/** At length, why nothing is collected when the nearest object is out of reach. */
function tooFar(game, view) {
  const far = view?.reach.objects.length === 0 && view.at && nearestObject(game, view.at);
  const reach = game.state.stats?.collect_range;
  return far && reach ? `Too far: the nearest is ${units(far.distance)} away, your ship reaches ${units(reach)}. Choose it on the map to fly there and collect it.` : null;
}

/** How many pieces of the hold the hub buys. */
const sellable = (game, hub) => (game.state.status?.cargo ?? []).reduce((sum, { item, quantity }) => sum + (hub.buys[item] ? quantity : 0), 0);

function hubReason(game, view) {
  const near = view?.at && nearestPlace(view.sector?.hubs, view.at);
  return near ? `${near.place.name} · ${units(near.distance - near.place.range_units * STEPS)}` : 'No hub in this sector';
}

function gateReason(game, view) {
  const near = view?.at && (view.nextGate ? nearestPlace([view.nextGate], view.at) : nearestPlace(view.sector?.gates, view.at));
  return near ? `${game.name('gate', near.place.key)} · ${units(near.distance - near.place.range_units * STEPS)}` : 'No gate in this sector';
}

const ORDERS = { collect: 'Fetching', hub: 'Flying to', gate: 'Flying to', follow: 'Following' };

function statusLine(game, pilot, { flight, at }) {
  if (!at) return game.client.world ? '' : 'Not in space';
  const rest = flight ? ` · ${units(flight.away)} · ${duration(flight.ms)}` : '';
  if (pilot.order) return `${ORDERS[pilot.order.type]} ${pilot.order.name}${rest}`;
  return flight ? `Under way${rest}` : 'At rest';
}
