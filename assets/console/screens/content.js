// The catalogue as the server uses it: every kind of entry, browsable.

import { api } from '../lib/api.js';
import { definitions, failure, fill, h, loading } from '../lib/dom.js';
import { button, openDialog } from '../lib/dialog.js';
import { createTable } from '../lib/table.js';
import { integer, words } from '../lib/format.js';
import { flatten } from '../lib/diff.js';

const COLUMNS_MAX = 7;

async function mount(root, params, ctx) {
  fill(root, loading());
  const { version, counts } = await api.get('/content', { signal: ctx.signal });
  const kinds = Object.entries(counts);
  const tabs = h('div', { class: 'segments', role: 'group', 'aria-label': 'Kind' },
    kinds.map(([kind, count]) => button([words(kind), ' ', h('span', { class: 'muted' }, integer(count))], () => choose(kind), { 'data-kind': kind })));
  const place = h('div', {});
  fill(root, h('div', { class: 'toolbar' }, tabs, h('span', { class: 'muted' }, 'Version ', h('code', {}, version))), place);
  const asked = ctx.query.get('kind');
  await choose(kinds.some(([kind]) => kind === asked) ? asked : kinds[0]?.[0]);

  async function choose(kind) {
    if (!kind) return;
    for (const tab of tabs.children) tab.setAttribute('aria-pressed', String(tab.dataset.kind === kind));
    ctx.setQuery({ kind });
    fill(place, loading());
    try {
      const { items } = await api.get(`/content/${kind}`, { signal: ctx.signal });
      fill(place, tableOf(kind, items));
    } catch (error) {
      if (!ctx.signal.aborted) fill(place, failure(error, () => choose(kind)));
    }
  }
}

const plain = (value) => value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** The columns are the plain values that entries of this kind have, key and name first; a row opens the whole entry. */
function tableOf(kind, items) {
  const names = [...new Set(items.flatMap((item) => Object.keys(item).filter((name) => plain(item[name]))))];
  const order = (name) => (name === 'key' ? 0 : name === 'name' ? 1 : 2);
  const shown = names.sort((left, right) => order(left) - order(right)).slice(0, COLUMNS_MAX);
  const numeric = (name) => items.every((item) => item[name] === undefined || item[name] === null || typeof item[name] === 'number');
  const table = createTable({
    caption: words(kind), filter: `Filter ${words(kind)}`, empty: 'Nothing matches.', rowKey: (row) => row.key ?? row.id ?? JSON.stringify(row), sort: { key: shown[0] },
    columns: shown.map((name) => ({ key: name, label: words(name), align: numeric(name) ? 'end' : '', render: (row) => (name === 'key' ? h('code', {}, row[name]) : text(row[name])) })),
    onOpen: (row) => openDialog({ title: row.name ?? row.key ?? words(kind), size: 'wide', body: [definitions([...flatten(row)].map(([path, value]) => [words(path.replaceAll('.', ' › ')), text(value)]))] }),
  });
  table.setRows(items);
  return table.element;
}

function text(value) {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? integer(value) : String(value);
  if (typeof value === 'object') return 'none';
  return String(value);
}

export default { title: 'Content', path: '/content', role: 'viewer', group: 'Machine room', keys: 'g i', mount };
