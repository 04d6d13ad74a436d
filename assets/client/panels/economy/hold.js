// The hold: how full it is, what is in it, and what the hub in reach pays for it.

import { button, empty, h, loading, meter } from '../../ui/dom.js';
import { count, credits, goodsOf, number } from '../../ui/format.js';
import { flyButton, nearestHub } from '../../ui/way.js';
import { dealButton } from './deals.js';
import { goodsView } from './goods.js';
import { cargo } from './known.js';
import { listOrDetail, opener, table } from './parts.js';
import { hubTax, product } from './rules.js';

export function holdTab(root, game, scope, params) {
  const { show, choose } = listOrDetail(root, scope, {
    list: (open) => content(game, open),
    detail: (place, part, item, back) => goodsView(place, game, part, { item, back }),
  });
  scope.watch((_, changed) => { if (changed.has('status') || changed.has('hub') || changed.has('world')) show(); });
  if (params.item) choose(params.item);
}

function content(game, choose) {
  const { status, hub: key } = game.state;
  if (!status) return loading();
  const hub = key && game.hub(key);
  const room = h('div', { class: 'room' },
    h('p', {}, h('b', {}, `${number(status.cargo_used)} of ${number(status.cargo_capacity)}`), ' volume used, ', `${number(Math.max(0, status.cargo_capacity - status.cargo_used))} free`),
    meter(status.cargo_used, status.cargo_capacity, `Hold: ${number(status.cargo_used)} of ${number(status.cargo_capacity)} used`));
  if (cargo(game).length === 0) return [room, empty('Your hold is empty. Collect something, or load goods from a storage.'),
    h('p', { class: 'actions' }, button('Fetch the nearest object', () => { game.showPicture(); game.view.hud.collect(); }, { class: 'button--primary', 'data-key': 'fetch' }))];
  const rows = cargo(game).map((entry) => row(game, hub, entry, choose));
  return [room,
    hub ? h('p', { class: 'muted' }, `${hub.name} is in reach: what it buys can be sold here.`) : wayToSell(game),
    table('Goods in the hold', ['Goods', { label: 'Pieces', number: true }, { label: 'Volume', number: true }, { label: 'Hub pays', number: true }, { label: 'Sell', hidden: true }], rows),
    hub && sellEverything(game, hub)];
}

/** The nearest hub that buys something of the hold; otherwise the nearest, which stores it. */
function wayToSell(game) {
  const buyer = nearestHub(game, ({ buys }) => cargo(game).some(({ item }) => buys[item] !== undefined));
  const hub = buyer ?? nearestHub(game);
  if (!hub) return h('p', { class: 'muted' }, 'No hub is in this sector.');
  return [h('p', { class: 'muted' }, buyer ? `No hub is in reach. ${hub.name} is the nearest that buys from your hold.` : `No hub of this sector buys these goods. ${hub.name} stores them.`),
    h('p', { class: 'actions' }, flyButton(game, hub.key, { class: 'button--primary' }))];
}

function row(game, hub, { item, quantity }, choose) {
  const price = hub?.buys[item];
  const name = game.name('item', item);
  const volume = (game.catalog.items[item]?.volume ?? 0) * quantity;
  const sell = price !== undefined && dealButton(game, { label: 'Sell all', name: `Sell all ${name}`, deal: ['sell', { hub: hub.key, item, quantity }], key: `sell-${item}`,
    done: (answer) => game.toast(`Sold ${goodsOf(answer.quantity, name)} for ${credits(answer.paid)}.`, { level: 'good' }) });
  return [opener(name, () => choose(item), `goods-${item}`), number(quantity), number(volume), price === undefined ? h('span', { class: 'muted' }, '–') : number(price), sell];
}

// One command after the other: each is decided for itself, and the tax depends on the wallet before it.
function sellEverything(game, hub) {
  const goods = cargo(game).filter(({ item }) => hub.buys[item] !== undefined);
  if (goods.length < 2) return null;
  const value = goods.reduce((total, { item, quantity }) => total + (product(hub.buys[item], quantity) ?? 0), 0);
  const paid = value - hubTax(game.catalog.economy, game.state.status.credits, value);
  const sell = async () => {
    let [pieces, earned] = [0, 0];
    try {
      for (const { item, quantity } of goods) {
        const answer = await game.act('sell', { hub: hub.key, item, quantity });
        pieces += answer.quantity;
        earned += answer.paid;
      }
    } catch (refusal) {
      if (!refusal.told) throw refusal;
    }
    if (pieces > 0) game.toast(`Sold ${count(pieces, 'piece')} for ${credits(earned)}.`, { level: 'good' });
  };
  return h('p', { class: 'actions' }, button(`Sell everything for ${credits(paid)}`, sell, { class: 'button--primary', 'data-key': 'sell-everything' }));
}
