// Announcements: what all players are told now. What they were told before stands in the audit log.

import { api } from '../lib/api.js';
import { badge, h, link } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { openChange } from '../lib/change.js';
import { pagedTable } from '../lib/table.js';
import { time } from '../lib/format.js';
import { countdown } from '../lib/live.js';

const PAGE = 50;
const EVERY_MS = 5000;

export default { title: 'Announcements', path: '/announcements', role: 'viewer', group: 'Safety', keys: 'g n', mount };

function mount(root, params, ctx) {
  const list = pagedTable({
    caption: 'Announcements', signal: ctx.signal, empty: 'Nothing is announced.', every: EVERY_MS,
    load: ({ cursor, signal }) => api.get('/announcements', { query: { cursor, limit: PAGE }, signal }),
    columns: [
      { key: 'text', label: 'Text', sort: false, class: 'said' },
      { key: 'state', label: 'State', sort: false, render: (row) => (runs(row) ? badge('running', 'ok') : badge('over')) },
      { key: 'level', label: 'Level', sort: false, render: ({ level }) => badge(level, level === 'warning' ? 'warn' : 'info') },
      { key: 'made_ms', label: 'Made', sort: false, render: ({ made_ms: at, by }) => [time(at), by && ` by ${by}`] },
      { key: 'until_ms', label: 'Ends', sort: false, render: ({ until_ms: until }) => (until === null ? 'when it is ended' : countdown(until)) },
    ],
    actions: ctx.can('moderator') ? (row) => runs(row) && button('End…', () => end(row, () => list.reload())) : undefined,
  });
  if (ctx.can('moderator')) ctx.actions(button('Announce…', () => make(() => list.reload()), { class: 'primary' }));
  root.append(h('p', { class: 'muted' }, 'Reaches every session at once, and everybody who comes while it lasts. Earlier ones are in the ', link('/audit?action=announce', 'audit log'), '.'), list.element);
}

const runs = ({ until_ms: until }) => until === null || until > Date.now();

function make(refresh) {
  openChange({
    title: 'Announce to all players', path: '/announcements', confirm: 'Announce', onDone: refresh,
    fields: [
      { name: 'text', label: 'Text', type: 'textarea', required: true, maxlength: 500 },
      { name: 'level', label: 'Level', type: 'select', options: [['info', 'Information'], ['warning', 'Warning']] },
      { name: 'until_ms', label: 'Lasts', type: 'until', value: 1 },
    ],
    toChange: ({ until_ms: until, ...values }) => ({ kind: 'announce', ...values, ...(until === null ? {} : { until_ms: until }) }),
  });
}

function end(row, refresh) {
  openChange({
    title: 'End this announcement', path: `/announcements/${row.id}/changes`, version: row.version, confirm: 'End', onDone: refresh, intro: `“${row.text}”`, toChange: () => ({ kind: 'end' }),
  });
}
