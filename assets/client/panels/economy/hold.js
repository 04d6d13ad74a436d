// The hold: how full it is, what is in it, and what the hub in reach pays for it.

import { button, empty, fill, h, loading, meter } from '../../ui/dom.js';
import { count, credits, goodsOf, number } from '../../ui/format.js';
import { dealButton } from './deals.js';
import { goodsView } from './goods.js';
import { cargo } from './known.js';
import { opener, refill, table } from './parts.js';
import { hubTax, product } from './rules.js';

export function holdTab(root, game, scope, params) {
  let open = params.item ?? null;
  let part = null;
  const list = h('div', { class: 'stack' });
  const detail = h('div', { class: 'stack' });
  fill(root, list, detail);

  function show() {
    list.hidden = open !== null;
    if (open === null) refill(list, content(game, choose));
  }
  function choose(item) {
    open = item;
    part?.();
    part = null;
    fill(detail);
    show();
    if (item !== null) part = goodsView(detail, game, scope, { item, back: () => choose(null) });
  }
  scope.watch((_, changed) => { if (changed.has('status') || changed.has('hub')) show(); });
  if (open !== null) choose(open);
}

function content(game, choose) {
  const { status, hub: key } = game.state;
  if (!status) return loading();
  const hub = key && game.hub(key);
  const room = h('div', { class: 'room' },
    h('p', {}, h('b', {}, `${number(status.cargo_used)} of ${number(status.cargo_capacity)}`), ' volume used, ', `${number(Math.max(0, status.cargo_capacity - status.cargo_used))} free`),
    meter(status.cargo_used, status.cargo_capacity, `Hold: ${number(status.cargo_used)} of ${number(status.cargo_capacity)} used`));
  if (cargo(game).length === 0) return [room, empty('Your hold is empty. Fly to something that glitters and collect it, or load goods from a storage.')];
  const rows = cargo(game).map((entry) => row(game, hub, entry, choose));
  return [room,
    h('p', { class: 'muted' }, hub ? `${hub.name} is in reach: what it buys can be sold here.` : 'No hub is in reach. Fly to one to sell or store goods.'),
    table('Goods in the hold', ['Goods', { label: 'Pieces', number: true }, { label: 'Volume', number: true }, { label: 'Hub pays', number: true }, { label: 'Sell', hidden: true }], rows),
    hub && sellEverything(game, hub)];
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
