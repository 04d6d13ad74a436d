// What lies in storage at every hub, and loading it where the ship is.

import { empty, fill, h, loading, section } from '../../ui/dom.js';
import { number } from '../../ui/format.js';
import { searchField } from '../../ui/search.js';
import { hubPlace } from '../../ui/way.js';
import { dealButton } from './deals.js';
import { goodsView } from './goods.js';
import { atHub, loadable, stored } from './known.js';
import { opener, refill, table } from './parts.js';

export function storageTab(root, game, scope, params) {
  const list = h('div', { class: 'stack' });
  const detail = h('div', { class: 'stack' });
  let open = null;
  let part = null;
  const find = searchField('Search goods', { least: 10 });
  fill(root, find.element, list, detail);
  game.refresh('storage');

  function show() {
    list.hidden = open !== null;
    if (open === null) refill(list, content(game, choose));
    find.apply(list);
    if (open !== null) find.element.hidden = true;
  }
  function choose(entry) {
    open = entry;
    part?.();
    part = null;
    fill(detail);
    show();
    if (entry) part = goodsView(detail, game, scope, { ...entry, back: () => choose(null) });
  }
  scope.watch((_, changed) => { if (['status', 'storage', 'hub', 'world'].some((key) => changed.has(key))) show(); });
  if (params.item && params.hub) choose({ hub: params.hub, item: params.item });
}

function content(game, choose) {
  if (!game.state.storage) return loading();
  if (stored(game).length === 0) return empty('Nothing is in storage. What you buy, win, craft or get back comes to lie at its hub, and shows here.');
  const hubs = [...new Set(stored(game).map(({ hub }) => hub))].sort((a, b) => Number(atHub(game, b)) - Number(atHub(game, a)) || game.name('hub', a).localeCompare(game.name('hub', b)));
  return hubs.map((hub) => section(game.name('hub', hub),
    h('p', { class: 'hub-place' }, hubPlace(game, hub)),
    table(`In storage at ${game.name('hub', hub)}`, ['Goods', { label: 'Pieces', number: true }, { label: 'Volume', number: true }, { label: 'Load', hidden: true }],
      stored(game).filter((entry) => entry.hub === hub).map((entry) => row(game, entry, choose)))));
}

function row(game, { hub, item, quantity }, choose) {
  const name = game.name('item', item);
  const fits = loadable(game, hub, item);
  const load = atHub(game, hub) && dealButton(game, {
    label: fits < quantity && fits > 0 ? `Load ${number(fits)}` : 'Load all', name: `Load ${fits < quantity && fits > 0 ? number(fits) : 'all'} ${name}`,
    deal: ['load', { hub, item, quantity: Math.max(1, fits) }], problem: fits === 0 ? 'There is no room for it in the hold.' : null, key: `load-${hub}-${item}`,
  });
  return [opener(name, () => choose({ hub, item }), `stored-${hub}-${item}`), number(quantity), number((game.catalog.items[item]?.volume ?? 0) * quantity), load];
}
