// What lies in storage at every hub, and loading it where the ship is.

import { empty, h, loading, section } from '../../ui/dom.js';
import { number } from '../../ui/format.js';
import { hubPlace } from '../../ui/way.js';
import { dealButton } from './deals.js';
import { goodsView } from './goods.js';
import { atHub, loadable, stored } from './known.js';
import { listOrDetail, opener, table } from './parts.js';

export function storageTab(root, game, scope, params) {
  const { show, choose } = listOrDetail(root, scope, {
    search: 'Search goods', least: 10,
    list: (open) => content(game, open),
    detail: (place, part, entry, back) => goodsView(place, game, part, { ...entry, back }),
  });
  game.refresh('storage');
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
