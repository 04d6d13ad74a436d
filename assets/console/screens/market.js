// The market of one hub: order book, auctions, contracts, prices over time.

import { api, poll } from '../lib/api.js';
import { badge, fill, h, loading, select } from '../lib/dom.js';
import { createTable, pagedTable } from '../lib/table.js';
import { credits, integer } from '../lib/format.js';
import { catalog } from '../lib/catalog.js';
import { countdown, progress } from '../lib/live.js';
import { playerLink } from '../lib/accounts.js';
import { tabs } from '../lib/tabs.js';
import { pricesTab } from './market/prices.js';

const EVERY_MS = 2000;
const LIST_MS = 5000;
const PAGE = 100;

export default { title: 'Market', path: '/markets/:hub', role: 'viewer', mount };

async function mount(root, { hub }, ctx) {
  root.append(loading());
  const [hubs, items] = await Promise.all([catalog('hubs', ctx.signal), catalog('items', ctx.signal)]);
  ctx.setTitle(hubs.name(hub));
  fill(root, tabs(ctx, {
    label: hubs.name(hub), tabs: [
      { key: 'quotes', label: 'Best prices', show: (panel, signal) => quotes(panel, hub, items, signal) },
      { key: 'orders', label: 'Order book', show: (panel, signal) => orders(panel, hub, items, ctx, signal) },
      { key: 'auctions', label: 'Auctions', show: (panel, signal) => auctions(panel, hub, items, signal) },
      { key: 'contracts', label: 'Contracts', show: (panel, signal) => contracts(panel, hub, items, signal) },
      { key: 'prices', label: 'Prices over time', show: (panel, signal) => pricesTab(panel, hub, items, ctx, signal) },
    ],
  }).element);
}

function quotes(panel, hub, items, signal) {
  const amount = (key, label) => ({ key, label, align: 'end', render: (row) => (row[key] === null ? '–' : integer(row[key])) });
  const table = createTable({
    caption: 'Best prices', rowKey: ({ item }) => item, filter: 'Filter by item', empty: 'Nothing is offered here.',
    columns: [
      { key: 'item', label: 'Item', value: ({ item }) => items.name(item), render: ({ item }) => items.name(item) },
      amount('bid', 'Best bid'), amount('bid_quantity', 'for so many'), amount('ask', 'Best ask'), amount('ask_quantity', 'so many'), amount('last', 'Last price'), amount('volume_day', 'Traded in 24 h'),
    ],
  });
  fill(panel, table.element);
  table.setLoading();
  const watch = poll({
    every: EVERY_MS, signal, load: () => api.get('/markets', { signal }),
    onData: (page) => table.setRows(page.items.find((row) => row.hub === hub)?.quotes ?? []),
    onError: (error) => table.setError(error, () => watch.now()),
  });
}

function orders(panel, hub, items, ctx, signal) {
  const item = select([['', 'All items'], ...items.options], ctx.query.get('item') ?? '', { 'aria-label': 'Item' });
  const list = pagedTable({
    caption: 'Order book', rowKey: ({ order }) => order, signal, every: LIST_MS, empty: 'No order matches.',
    load: ({ cursor }) => api.get(`/markets/${hub}/orders`, { query: { item: item.value, cursor, limit: PAGE }, signal }),
    columns: [
      { key: 'item', label: 'Item', value: (row) => items.name(row.item), render: (row) => items.name(row.item) },
      { key: 'side', label: 'Side', render: ({ side }) => badge(side, side === 'sell' ? 'warn' : 'info') },
      { key: 'price', label: 'Price each', align: 'end', render: ({ price }) => credits(price) },
      { key: 'open', label: 'Open', align: 'end', render: ({ open }) => integer(open) },
      { key: 'owner', label: 'Owner', value: ({ owner }) => owner?.name, render: ({ owner }) => playerLink(owner) },
      { key: 'expires_ms', label: 'Expires', render: ({ expires_ms: at }) => countdown(at) },
    ],
  });
  item.addEventListener('change', () => {
    ctx.setQuery({ item: item.value });
    list.reload();
  });
  fill(panel, h('div', { class: 'toolbar' }, item), list.element);
}

function auctions(panel, hub, items, signal) {
  const list = pagedTable({
    caption: 'Auctions', rowKey: ({ auction }) => auction, signal, every: LIST_MS, sort: { key: 'ends_ms' }, empty: 'No auction is open here.',
    load: ({ cursor }) => api.get(`/markets/${hub}/auctions`, { query: { cursor, limit: PAGE }, signal }),
    columns: [
      { key: 'item', label: 'Goods', value: ({ item }) => items.name(item), render: ({ item, quantity }) => `${items.name(item)} × ${integer(quantity)}` },
      { key: 'bid', label: 'Highest bid', align: 'end', render: ({ bid }) => (bid === null ? 'none' : credits(bid)) },
      { key: 'bidder', label: 'Bidder', value: ({ bidder }) => bidder?.name, render: ({ bid, bidder }) => (bid === null ? '–' : playerLink(bidder)) },
      { key: 'minimum', label: 'Next bid at least', align: 'end', render: ({ minimum }) => credits(minimum) },
      { key: 'buy_out', label: 'Buy-out', align: 'end', render: ({ buy_out: price }) => credits(price) },
      { key: 'owner', label: 'Seller', value: ({ owner }) => owner?.name, render: ({ owner }) => playerLink(owner) },
      { key: 'ends_ms', label: 'Ends', render: ({ ends_ms: at }) => countdown(at) },
    ],
  });
  fill(panel, list.element);
}

function contracts(panel, hub, items, signal) {
  const list = pagedTable({
    caption: 'Contracts', rowKey: ({ contract }) => contract, signal, every: LIST_MS, sort: { key: 'due_ms' }, empty: 'No contract is open here.',
    load: ({ cursor }) => api.get(`/markets/${hub}/contracts`, { query: { cursor, limit: PAGE }, signal }),
    columns: [
      { key: 'item', label: 'Goods', value: ({ item }) => items.name(item), render: ({ item, quantity }) => `${items.name(item)} × ${integer(quantity)}` },
      { key: 'delivered', label: 'Delivered', render: ({ delivered, quantity }) => progress(delivered, quantity, 'Delivered') },
      { key: 'reward', label: 'Reward', align: 'end', render: ({ reward }) => credits(reward) },
      { key: 'collateral', label: 'At stake', align: 'end', render: ({ collateral }) => credits(collateral) },
      { key: 'owner', label: 'Offered by', value: ({ owner }) => owner?.name, render: ({ owner }) => (owner ? playerLink(owner) : 'the hub') },
      { key: 'courier', label: 'Accepted by', value: ({ courier }) => courier?.name, render: ({ courier }) => (courier ? playerLink(courier) : 'nobody yet') },
      { key: 'due_ms', label: 'Due', render: ({ due_ms: at }) => countdown(at) },
    ],
  });
  fill(panel, list.element);
}
