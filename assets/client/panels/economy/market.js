// The market of a hub: the best prices of everything traded there, and behind each item its order book.

import { empty, failure, field, fill, h, loading, select } from '../../ui/dom.js';
import { number } from '../../ui/format.js';
import { asking } from './asking.js';
import { chosenQuotes, quoteAfter } from './book.js';
import { itemMarket } from './item_market.js';
import { available } from './known.js';
import { firstHub, hubPicker, opener, refill, table } from './parts.js';
import { openScope } from './scope.js';

const FILTERS = [['traded', 'Traded here'], ['offered', 'Offered now'], ['wanted', 'Wanted now'], ['held', 'What I have here'], ['all', 'All goods']];
const REDRAW_MS = 300;

export default {
  key: 'market', title: 'Market', group: 'economy', shortcut: '2',
  mount(root, game, params = {}) {
    const scope = openScope(game, root);
    const list = h('div', { class: 'stack' });
    const detail = h('div', { class: 'stack' });
    let part = null;
    const picker = hubPicker(game, scope, firstHub(game, params.hub), () => choose(null));
    fill(root, picker.element, list, detail);

    function choose(item, more = {}) {
      part?.close();
      part = scope.part();
      list.hidden = item !== null;
      fill(detail);
      fill(list);
      if (item === null) quotesList(list, game, part, picker.hub, choose);
      else itemMarket(detail, game, part, { hub: picker.hub, item, ...more, back: () => choose(null) });
    }
    choose(params.item ?? null, { side: params.side });
    return scope.close;
  },
};

// What was searched for stays while one looks at an item and comes back.
const remembered = { search: '', filter: 'traded' };

function quotesList(root, game, scope, hub, choose) {
  const quotes = new Map();
  const result = h('div', {}, loading());
  let known = false;
  let timer = 0;
  const search = h('input', { type: 'search', value: remembered.search, placeholder: 'e.g. Water ice', autocomplete: 'off', on: { input: () => { remembered.search = search.value; draw(); } } });
  const filter = select(FILTERS, remembered.filter, { on: { change: () => { remembered.filter = filter.value; draw(); } } });
  fill(root, h('div', { class: 'filters' }, field('Search', search), field('Show', filter)), result);

  const question = asking(scope, {
    ask: () => game.client.command('market', { hub }),
    show(answer) {
      known = true;
      quotes.clear();
      for (const quote of answer.quotes) quotes.set(quote.item, quote);
      draw();
    },
    fail: (error, retry) => fill(result, failure(game.explain(error), retry)),
  });
  scope.follow({ ticker: hub }, (ticker) => {
    quotes.set(ticker.item, quoteAfter(quotes.get(ticker.item), ticker));
    timer ||= setTimeout(() => { timer = 0; draw(); }, REDRAW_MS);
  });
  scope.add(() => clearTimeout(timer));
  scope.on('welcome', question.now);
  scope.watch((_, changed) => { if (remembered.filter === 'held' && (changed.has('status') || changed.has('storage'))) draw(); });
  question.now();

  function draw() {
    if (!known || !scope.alive) return;
    const untraded = ['all', 'held'].includes(remembered.filter) ? Object.keys(game.catalog.items).filter((item) => !quotes.has(item)) : [];
    const all = [...quotes.values(), ...untraded.map((item) => ({ item, bid: null, ask: null, last: null, volume_day: 0 }))];
    const shown = chosenQuotes(all, { ...remembered, nameOf: (item) => game.name('item', item), held: (item) => available(game, hub, item) });
    const rows = shown.map((quote) => [opener(game.name('item', quote.item), () => choose(quote.item), `quote-${quote.item}`), number(quote.bid), number(quote.ask), number(quote.last), number(quote.volume_day)]);
    refill(result, shown.length > 0
      ? table(`Prices at ${game.name('hub', hub)}`, ['Goods', { label: 'Buyers pay', short: 'Bid', number: true }, { label: 'Sellers ask', short: 'Ask', number: true }, { label: 'Last', number: true }, { label: 'Pieces in 24 h', short: '24 h', number: true }], rows)
      : empty(quotes.size === 0 && remembered.filter === 'traded' ? 'Nothing is traded here between players yet. Choose “All goods” and be the first.' : 'Nothing like that. Search for something else, or show all goods.'));
  }
}
