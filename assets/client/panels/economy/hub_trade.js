// A hub's own trade: what it buys for ever, what it sells without end, both at the catalogue's prices.

import { empty, fill, h, section } from '../../ui/dom.js';
import { credits, goodsOf, number } from '../../ui/format.js';
import { dealForm } from './deals.js';
import { awayProblem, inHold, inStorage, wallet } from './known.js';
import { amount, backBar, firstHub, hubPicker, listOrDetail, opener, table } from './parts.js';
import { amountProblem, creditsProblem, product } from './rules.js';

export function hubTab(root, game, scope, params, go) {
  const picker = hubPicker(game, scope, firstHub(game, params.hub), () => choose(null));
  fill(root, picker.element);
  const { show, choose } = listOrDetail(root, scope, {
    search: 'Search goods', least: 12,
    list: (open) => trade(game, picker.hub, open, go),
    detail: (place, part, item, back) => supplyView(place, game, part, picker.hub, item, back),
  });
  scope.watch((_, changed) => { if (changed.has('status') || changed.has('storage') || changed.has('hub')) show(); });
  if (params.item) choose(params.item);
}

function trade(game, key, choose, go) {
  const hub = game.hub(key);
  const byName = (a, b) => game.name('item', a[0]).localeCompare(game.name('item', b[0]));
  const sells = Object.entries(hub.sells ?? {}).sort(byName);
  const buys = Object.entries(hub.buys ?? {}).sort(byName);
  return [
    section(`${hub.name} sells`, sells.length === 0 ? empty('This hub sells no goods.')
      : table(`What ${hub.name} sells`, ['Goods', { label: 'Price', number: true }, { label: 'Stored here', number: true }],
        sells.map(([item, price]) => [opener(game.name('item', item), () => choose(item), `supply-${item}`, { 'aria-label': `Buy ${game.name('item', item)}` }), number(price), number(inStorage(game, key, item))]))),
    section(`${hub.name} buys`, buys.length === 0 ? empty('This hub buys nothing.')
      : table(`What ${hub.name} buys`, ['Goods', { label: 'Pays', number: true }, { label: 'In your hold', number: true }],
        buys.map(([item, price]) => {
          const have = inHold(game, item);
          const name = game.name('item', item);
          return [have > 0 ? opener(name, () => go('hold', { item }), `buys-${item}`, { 'aria-label': `Sell ${name}` }) : name, number(price), have > 0 ? h('b', {}, number(have)) : h('span', { class: 'muted' }, '0')];
        }))),
    (hub.ships ?? []).length > 0 && section('Shipyard', h('p', {}, `${hub.ships.map((ship) => game.name('ship', ship)).join(', ')} can be bought here. `,
      opener('See ships', () => go('ships', {}), 'see-ships'))),
  ];
}

function supplyView(root, game, scope, hub, item, back) {
  const name = game.name('item', item);
  const price = game.hub(hub).sells[item];
  const affordable = () => Math.floor(wallet(game) / Math.max(1, price));
  const pieces = amount('Pieces', { start: 1, all: affordable });
  const bar = backBar(`Buy ${name}`, back);
  const form = dealForm(game, scope, {
    name: `Buy ${name} from the hub`, controls: pieces.row,
    plan() {
      const quantity = pieces.value();
      const paid = quantity === null || quantity < 0 ? null : product(price, quantity);
      const problem = amountProblem(quantity) ?? creditsProblem(paid, wallet(game)) ?? awayProblem(game, hub);
      return { problem, deal: ['supply', { hub, item, quantity }], label: 'Buy from the hub',
        facts: [['Price', `${number(price)} a piece`], ['You pay', credits(paid)], ['Comes into', `your storage at ${game.name('hub', hub)}`], ['Stored here', number(inStorage(game, hub, item))]] };
    },
    done: (answer) => game.toast(`Bought ${goodsOf(answer.quantity, name)} for ${credits(answer.paid)}.`, { level: 'good' }),
  });
  fill(root, bar, form.element);
  bar.querySelector('h3').focus({ preventScroll: true });
}
