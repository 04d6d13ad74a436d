// The bar at the bottom: what the ship is doing, and what it can do: collect, sell or trade at the hub, jump. What is out of reach is flown to.
//
//   const hud = createHud(game, pilot, { onRecentre, onZoom, onGalaxy, onSight }); hud.element; hud.update(view)
//   view: { reach (of reach.js), at, following, flight ({arrives in ms, away in steps} or null), nextGate (a gate on the route or null) }

import { h } from '../ui/dom.js';
import { count, duration } from '../ui/format.js';
import { nearestObject } from './sight.js';
import { leftWords, nearestField, nearestPlace } from './reach.js';

/** A button with a key and a line below it that says what it does, to what and how far away, or why it cannot; it can be pressed all the same, and then tells why at length. */
function actionButton(label, key, run) {
  const name = h('b', {}, label);
  const why = h('small', {});
  const element = h('button', { type: 'button', class: 'hud__action', 'aria-keyshortcuts': key, on: { click: run } },
    h('kbd', { 'aria-hidden': 'true' }, key), h('span', { class: 'hud__text' }, name, why));
  let shown = '';
  return {
    element,
    /** `far`: it works, by flying there first. */
    set(title, reason, enabled, far = false) {
      const text = `${title}|${reason}|${enabled}|${far}`;
      if (text === shown) return;
      shown = text;
      name.textContent = title;
      why.textContent = reason;
      element.setAttribute('aria-disabled', String(!enabled));
      element.classList.toggle('hud__action--far', far);
      element.title = `${title} (${key}): ${reason}`;
    },
  };
}

export function createHud(game, pilot, { onRecentre, onZoom, onGalaxy, onSight }) {
  let view = null;
  const tell = (text, more) => game.toast(text, { level: 'info', ...more });
  const collect = () => {
    if (!view?.at) return;
    const near = view.reach.objects.find(({ id }) => game.client.picture.objects.has(id) && !pilot.collecting.has(id)) ?? view.reach.objects[0];
    const target = near ?? nearestObject(game, view.at, pilot.collectRange);
    if (target && isFull(game, target.kind)) tell('Your hold is full: sell or store something first.', { action: { label: 'Open the hold', run: () => game.open('ship') } });
    else if (target) pilot.collect(target.id);
    else fieldTrip();
  };
  // Nothing is in sight: there are fields where things appear.
  const fieldTrip = () => {
    const field = nearestField(view.sector, view.at);
    if (!field) return tell('Nothing is found in this sector.');
    tell('Nothing is in sight here: your ship flies to where things are found.');
    return pilot.flyTo(field);
  };
  const jump = () => {
    const gate = wantedGate(view);
    if (view?.reach.gate) pilot.jump(view.reach.gate.key);
    else if (gate) pilot.goTo({ type: 'gate', key: gate.place.key });
    else tell('There is no gate in this sector.');
  };
  const trade = () => {
    const hub = view?.at && nearestPlace(view.sector?.hubs, view.at);
    if (view?.reach.hub && sellable(game, view.reach.hub) > 0) game.open('ship');
    else if (view?.reach.hub) game.open('market', { hub: view.reach.hub.key });
    else if (hub) pilot.goTo({ type: 'hub', key: hub.place.key });
    else tell('There is no hub in this sector.');
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
      actions.collect.set('Collect', ...collecting(game, pilot, view));
      actions.hub.set(...trading(game, pilot, view));
      actions.jump.set(...jumping(game, pilot, view));
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

/** What the button says below its title, whether it does something now, and whether it flies there first. */
function collecting(game, pilot, { reach, at }) {
  const nearest = reach.objects[0] ?? (at && nearestObject(game, at, pilot.collectRange));
  if (!nearest) return ['Nothing in sight: find some', Boolean(at), true];
  if (isFull(game, nearest.kind)) return ['The hold is full', false];
  if (pilot.order?.type === 'collect') return [onTheWay(game, pilot, at), true, true];
  return reach.objects[0] ? [goods(game, nearest.kind), true] : [`${game.name('object', nearest.kind)} · ${leftWords(nearest.left)}`, true, true];
}

function trading(game, pilot, { reach: { hub }, at, sector }) {
  const pieces = hub ? sellable(game, hub) : 0;
  if (hub) return pieces > 0 ? ['Sell here', `${hub.name} · ${count(pieces, 'piece')}`, true] : ['Trade', hub.name, true];
  const near = at && nearestPlace(sector?.hubs, at);
  return ['Fly to hub', near ? wayOf(pilot, near, near.place.name) : 'No hub in this sector', Boolean(near), true];
}

function jumping(game, pilot, view) {
  const { gate } = view.reach;
  if (gate) return [`Jump to ${game.name('sector', gate.to_sector)}`, 'The gate is open', true];
  const near = wantedGate(view);
  return ['Fly to gate', near ? wayOf(pilot, near, `to ${game.name('sector', near.place.to_sector)}`) : 'No gate in this sector', Boolean(near), true];
}

function onTheWay(game, pilot, at) {
  const { id, name } = pilot.order;
  const object = at && nearestObject(game, at, pilot.collectRange, (_, other) => other === id);
  return object ? `${name} · ${leftWords(object.left)}` : name;
}

const wayOf = (pilot, { place, left }, name) => (pilot.order?.key === place.key ? `On the way · ${leftWords(left)}` : `${name} · ${leftWords(left)}`);

/** The gate on the route, or else the nearest. */
const wantedGate = (view) => (view?.at ? nearestPlace(view.nextGate ? [view.nextGate] : view.sector?.gates, view.at) : null);

function isFull({ state: { status }, catalog }, kind) {
  const object = catalog.objects[kind];
  const volume = catalog.items[object?.item]?.volume ?? 0;
  return Boolean(status) && status.cargo_used + volume * (object?.quantity_min ?? 1) > status.cargo_capacity;
}

/** How many pieces of the hold the hub buys. */
const sellable = (game, hub) => (game.state.status?.cargo ?? []).reduce((sum, { item, quantity }) => sum + (hub.buys[item] ? quantity : 0), 0);

const ORDERS = { collect: 'Fetching', hub: 'Flying to', gate: 'Flying to', follow: 'Following' };

function statusLine(game, pilot, { flight, at }) {
  if (!at) return game.client.world ? '' : 'Not in space';
  // How far what is ordered is, the buttons below tell.
  if (pilot.order) return `${ORDERS[pilot.order.type]} ${pilot.order.name}${flight ? ` · ${duration(flight.ms)}` : ''}`;
  return flight ? `Under way · ${leftWords(flight.away)} to go · ${duration(flight.ms)}` : 'At rest';
}
