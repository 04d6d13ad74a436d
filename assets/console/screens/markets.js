// The markets of the galaxy: what is on offer at each hub.

import { api } from '../lib/api.js';
import { fill, loading } from '../lib/dom.js';
import { createTable } from '../lib/table.js';
import { integer } from '../lib/format.js';
import { catalog } from '../lib/catalog.js';

const EVERY_MS = 5000;

export default { title: 'Markets', path: '/markets', role: 'viewer', group: 'Galaxy life', keys: 'g k', mount };

async function mount(root, params, ctx) {
  root.append(loading());
  const [hubs, sectors] = await Promise.all([catalog('hubs', ctx.signal), catalog('sectors', ctx.signal)]);
  const count = (key, label) => ({ key, label, align: 'end', render: (row) => integer(row[key]) });
  const table = createTable({
    caption: 'Markets', rowKey: ({ hub }) => hub, href: ({ hub }) => `/markets/${hub}`, filter: 'Filter by hub or sector', sort: { key: 'name' }, empty: 'No hub matches.',
    columns: [
      { key: 'name', label: 'Hub', value: ({ hub }) => hubs.name(hub), render: ({ hub }) => hubs.name(hub) },
      { key: 'sector', label: 'Sector', value: ({ sector }) => sectors.name(sector), render: ({ sector }) => sectors.name(sector) },
      count('sells', 'Sell orders'), count('buys', 'Buy orders'), count('auctions', 'Auctions'), count('contracts', 'Contracts'), count('volume_day', 'Traded in 24 h'),
    ],
  });
  fill(root, table.element);
  table.setLoading();
  const watch = ctx.poll({
    every: EVERY_MS, load: (signal) => api.get('/markets', { signal }),
    onData: ({ items }) => table.setRows(items), onError: (error) => table.setError(error, () => watch.now()),
  });
}
