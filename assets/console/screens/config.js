// The effective settings and where each comes from. Secrets are masked by the server.

import { api } from '../lib/api.js';
import { badge, fill, h, loading } from '../lib/dom.js';
import { createTable } from '../lib/table.js';

async function mount(root, params, ctx) {
  fill(root, loading());
  const { items } = await api.get('/config', { signal: ctx.signal });
  const differs = (row) => row.default !== null && row.default !== undefined && String(row.value) !== String(row.default);
  const changed = h('input', { type: 'checkbox' });
  const table = createTable({
    caption: 'Settings', filter: 'Filter by key, value or source', empty: 'No setting matches.', rowKey: (row) => row.key, sort: { key: 'key' },
    columns: [
      { key: 'key', label: 'Key', render: (row) => h('code', {}, row.key) },
      { key: 'value', label: 'Value', class: 'breakable', render: (row) => [h('code', {}, text(row.value)), differs(row) && [' ', badge('changed', 'info')]] },
      { key: 'default', label: 'Default', class: 'breakable', render: (row) => h('code', { class: 'muted' }, text(row.default)) },
      { key: 'source', label: 'From', class: 'breakable', render: (row) => breakable(row.source) }, { key: 'unit_and_range', label: 'What for, unit, range', class: 'breakable', render: (row) => row.unit_and_range || '–' },
    ],
  });
  const show = () => table.setRows(changed.checked ? items.filter(differs) : items);
  changed.addEventListener('change', show);
  fill(root, h('div', { class: 'toolbar' }, h('label', {}, changed, ' Only what differs from the default'), h('span', { class: 'muted' }, `${items.length} settings, ${items.filter(differs).length} differ`)), table.element);
  show();
}

const text = (value) => (value === null || value === undefined ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** A path or a variable breaks where its parts end, not within one. */
const breakable = (source) => source.split(/(?<=[/_])(?![/_])/).flatMap((part) => [part, h('wbr')]);

export default { title: 'Config', path: '/config', role: 'viewer', group: 'Machine room', keys: 'g f', mount };
