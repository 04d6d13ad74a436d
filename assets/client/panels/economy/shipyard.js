// Kinds of ships: what they can do with what the player knows, beside the own one; what they cost, where they are sold, and buying one.

import { STEPS_PER_UNIT } from '../../orrery.js';
import { badge, fill, h, loading } from '../../ui/dom.js';
import { article, count, credits, number } from '../../ui/format.js';
import { flyButton } from '../../ui/way.js';
import { dealButton } from './deals.js';
import { allHubs, awayProblem, cargo, knownTechs, shipKind, wallet } from './known.js';
import { refill, table } from './parts.js';
import { creditsProblem, shipPrice } from './rules.js';
import { change, shipStats, volumeOf } from './ship_math.js';

export function shipsTab(root, game, scope) {
  const list = h('div', { class: 'stack' });
  fill(root, list);
  scope.watch((_, changed) => { if (['status', 'hub', 'stats', 'world'].some((key) => changed.has(key))) refill(list, content(game)); });
}

function content(game) {
  if (!game.state.status) return loading();
  const own = shipKind(game);
  const ships = Object.values(game.catalog.ships).sort((a, b) => Number(b.key === own) - Number(a.key === own) || a.price - b.price);
  return [h('p', { class: 'muted' }, 'Numbers include what you have researched. Half of your ship’s price is taken off a new one; your goods move along if they fit.'),
    ships.map((ship) => card(game, ship, own))];
}

function card(game, ship, own) {
  const mine = shipStats(game.catalog, own, knownTechs(game));
  // The own ship's numbers are the server's when they are there.
  const after = ship.key === own ? game.state.stats ?? mine : shipStats(game.catalog, ship.key, knownTechs(game));
  const better = (field) => {
    const text = ship.key === own ? '' : change(mine[field], after[field]);
    return text && h('span', { class: text.startsWith('+') ? 'better' : text.startsWith('-') ? 'worse' : 'muted' }, ` ${text}`);
  };
  const rows = [
    ['Speed', [`${number(Math.round(after.speed / STEPS_PER_UNIT))} units/s`, better('speed')]],
    ['Hold', [`${number(after.cargo_capacity)} volume`, better('cargo_capacity')]],
    ['Collects within', [count(Math.round(after.collect_range / STEPS_PER_UNIT), 'unit'), better('collect_range')]],
  ];
  return h('article', { class: `ship-card ${ship.key === own ? 'ship-card--own' : ''}` },
    h('h3', {}, ship.name, ' ', ship.key === own && badge('your ship', 'good')),
    table(`${ship.name}: what it can do`, [{ label: 'Number', hidden: true }, { label: 'Value', hidden: true }], rows),
    ship.key !== own && purchase(game, ship, own, after));
}

function purchase(game, ship, own, after) {
  const sold = allHubs(game.catalog).filter(({ hub }) => (hub.ships ?? []).includes(ship.key));
  const paid = shipPrice(game.catalog.ships, own, ship.key);
  const here = (sold.find(({ hub }) => hub.key === game.state.hub) ?? sold.find(({ sector }) => sector.key === game.client.world?.key) ?? sold[0])?.hub;
  const where = sold.length > 0 ? sold.map(({ hub, sector }) => `${hub.name} (${sector.name})`).join(', ') : 'nowhere at the moment';
  const used = volumeOf(game.catalog, cargo(game));
  const room = used > after.cargo_capacity ? `Your goods take ${number(used)} volume and do not fit into ${article(ship.name)}.` : null;
  const away = here && !sold.some(({ hub }) => hub.key === game.state.hub) ? `Sold at ${where}: your ship must be there.` : here ? awayProblem(game, here.key) : 'No hub sells it.';
  const problem = creditsProblem(paid, wallet(game)) ?? room ?? away;
  const less = paid === ship.price ? '' : ` (${credits(ship.price)} less ${credits(ship.price - paid)} for yours)`;
  const button = here && dealButton(game, {
    label: `Buy for ${credits(paid)}`, name: `Buy for ${credits(paid)}: ${ship.name}`, deal: ['buy_ship', { hub: here.key, ship: ship.key }], problem, class: 'button--primary',
    ask: {
      title: `Buy ${article(ship.name)}?`, yes: 'Buy it',
      text: [`You pay ${credits(paid)} and give your ${game.name('ship', own)} away.`, `You fly ${count(Math.round(after.speed / STEPS_PER_UNIT), 'unit')} a second then, with room for ${number(after.cargo_capacity)} volume.`],
    },
    done: (answer) => game.toast(`You fly ${article(game.name('ship', answer.ship))} now.`, { level: 'good' }),
  });
  return [
    h('p', {}, h('b', {}, credits(paid)), h('span', { class: 'muted' }, less), h('br'), h('span', { class: 'muted' }, `Sold at ${where}`)),
    button && h('p', { class: 'actions' }, button), button && problem && h('p', { class: 'reason' }, problem), here && away && problem === away && h('p', { class: 'actions' }, flyButton(game, here.key)),
  ];
}
