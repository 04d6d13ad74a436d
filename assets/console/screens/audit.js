// The audit log: who did what to whom and why, with what it changed, and the way back.

import { api } from '../lib/api.js';
import { badge, definitions, fill, h, link, loading, section } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { pagedTable } from '../lib/table.js';
import { diffView } from '../lib/diff.js';
import { openUndo } from '../lib/change.js';
import { time, words } from '../lib/format.js';

const TYPING_MS = 300;

/** A target as a link to its screen, where it has one. */
export function targetLink(target, name) {
  const [kind, ...rest] = String(target).split(':');
  const id = rest.join(':');
  const label = name || id || kind;
  const path = { player: `/players/${id}`, mission: `/missions/${id}`, operator: `/operators/${id}`, world: `/galaxy?world=${id}`, maintenance: '/maintenance', announcement: '/announcements', report: '/reports' }[kind];
  return h('span', {}, label !== kind && h('span', { class: 'muted' }, `${words(kind)} `), path ? link(path, label) : label);
}

function list(root, params, ctx) {
  const filters = Object.fromEntries(['operator', 'action', 'target'].map((name) => [name, ctx.query.get(name) ?? '']));
  const labels = { operator: 'Operator’s id', action: 'Action, e.g. grant', target: 'Target, e.g. player:…' };
  let timer = null;
  const inputs = Object.keys(filters).map((name) => h('input', {
    type: 'search', placeholder: labels[name], 'aria-label': labels[name], value: filters[name],
    on: { input: (event) => { filters[name] = event.target.value.trim(); clearTimeout(timer); timer = setTimeout(again, TYPING_MS); } },
  }));
  const table = pagedTable({
    caption: 'Audit log', empty: 'No entry matches.', rowKey: (row) => row.seq, href: (row) => `/audit/${row.seq}`, signal: ctx.signal,
    load: ({ cursor, signal }) => api.get('/audit', { query: { ...filters, cursor, limit: 50 }, signal }),
    columns: [
      { key: 'seq', label: 'No.', sort: false, render: (row) => `#${row.seq}` }, { key: 'at_ms', label: 'When', sort: false, render: (row) => time(row.at_ms) },
      { key: 'by', label: 'Who', sort: false, render: (row) => link(`/audit?operator=${row.by.operator}`, row.by.name) },
      { key: 'action', label: 'What', sort: false, render: (row) => [badge(words(row.action), row.undoes ? 'info' : ''), row.undone_by && [' ', badge('undone')]] },
      { key: 'target', label: 'To what', sort: false, render: (row) => targetLink(row.target, row.target_name) },
      { key: 'reason', label: 'Why', sort: false, render: (row) => row.reason || '–' },
    ],
  });
  fill(root, h('div', { class: 'toolbar' }, inputs, button('Look again', () => table.reload())), table.element);

  function again() {
    ctx.setQuery(filters);
    table.reload();
  }
}

async function detail(root, { seq }, ctx) {
  fill(root, loading());
  const entry = await api.get(`/audit/${seq}`, { signal: ctx.signal });
  ctx.setTitle(`Audit entry #${entry.seq}`);
  const undoable = entry.undo && !entry.undone_by && ctx.can('moderator');
  ctx.actions(undoable && button('Undo…', () => openUndo(entry.seq, { onDone: ctx.reload }), { class: 'primary' }));
  fill(root,
    section(words(entry.action), definitions([
      ['Who', [link(`/audit?operator=${entry.by.operator}`, entry.by.name), h('span', { class: 'muted' }, ` from ${entry.by.address}`)]], ['When', time(entry.at_ms)],
      ['To what', targetLink(entry.target, entry.target_name)], ['Why', entry.reason || '–'],
      entry.undoes && ['Undoes', link(`/audit/${entry.undoes}`, `#${entry.undoes}`)], entry.undone_by && ['Undone by', link(`/audit/${entry.undone_by}`, `#${entry.undone_by}`)],
      !entry.undo && ['Undo', 'cannot be undone'],
    ])),
    section('What it changed', diffView(entry.before, entry.after)),
    h('p', {}, link(`/audit?target=${encodeURIComponent(entry.target)}`, 'Everything done to the same target')));
}

export default [
  { title: 'Audit', path: '/audit', role: 'viewer', group: 'Safety', keys: 'g d', mount: list },
  { title: 'Audit entry', path: '/audit/:seq', role: 'viewer', mount: detail },
];
