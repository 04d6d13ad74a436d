// Missions, running and past; beginning one.

import { api, poll } from '../lib/api.js';
import { badge, fill, h, link, loading } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { openChange } from '../lib/change.js';
import { createTable, pagedTable } from '../lib/table.js';
import { credits, integer, time } from '../lib/format.js';
import { catalog } from '../lib/catalog.js';
import { countdown } from '../lib/live.js';
import { tabs } from '../lib/tabs.js';
import { given, needed } from './mission/progress.js';

const EVERY_MS = 2000;
const PAGE = 50;

export default { title: 'Missions', path: '/missions', role: 'viewer', group: 'Galaxy life', keys: 'g m', mount };

async function mount(root, params, ctx) {
  root.append(loading());
  const [kinds, hubs] = await Promise.all([catalog('missions', ctx.signal), catalog('hubs', ctx.signal)]);
  const names = { kinds, hubs };
  let refresh = () => {};
  if (ctx.can('admin')) ctx.actions(button('Begin a mission…', () => begin(ctx, () => refresh()), { class: 'primary' }));
  fill(root, tabs(ctx, {
    label: 'Missions', tabs: [
      { key: 'running', label: 'Running', show: (panel, signal) => { refresh = running(panel, names, signal); } },
      { key: 'past', label: 'Past', show: (panel, signal) => past(panel, names, signal) },
    ],
  }).element);
}

function running(panel, names, signal) {
  const table = createTable({
    caption: 'Running missions', rowKey: ({ mission }) => mission, href, sort: { key: 'due_ms' }, empty: 'No mission runs now.',
    columns: [
      kindColumn(names), { key: 'hub', label: 'Hub', render: ({ hub }) => link(`/markets/${hub}`, names.hubs.name(hub)) },
      { key: 'phase', label: 'Phase', render: ({ phase, phases }) => `${phase + 1} of ${phases}` },
      { key: 'progress', label: 'Phase done', value: share, render: (mission) => h('progress', { max: 1, value: share(mission), 'aria-label': 'Phase done' }) },
      { key: 'participants', label: 'Players', align: 'end', render: ({ participants }) => integer(participants) },
      { key: 'reward', label: 'Reward', align: 'end', render: ({ reward }) => credits(reward) },
      { key: 'due_ms', label: 'Ends', render: ({ due_ms: due }) => countdown(due) },
    ],
  });
  fill(panel, table.element);
  table.setLoading();
  const watch = poll({
    every: EVERY_MS, signal,
    load: () => api.get('/missions', { query: { limit: 100 }, signal }),
    onData: ({ items }) => table.setRows(items),
    onError: (error) => table.setError(error, () => watch.now()),
  });
  return () => watch.now();
}

const href = ({ mission }) => `/missions/${encodeURIComponent(mission)}`;
const share = (mission) => given(mission) / Math.max(1, needed(mission));
const kindColumn = (names) => ({ key: 'kind', label: 'Mission', render: ({ kind }) => names.kinds.name(kind) });

function past(panel, names, signal) {
  const list = pagedTable({
    caption: 'Past missions', rowKey: ({ mission }) => mission, href, signal, empty: 'No mission is over yet.',
    load: ({ cursor }) => api.get('/missions', { query: { past: true, cursor, limit: PAGE }, signal }),
    columns: [
      { ...kindColumn(names), sort: false }, { key: 'hub', label: 'Hub', sort: false, render: ({ hub }) => names.hubs.name(hub) },
      { key: 'completed', label: 'Result', sort: false, render: ({ completed, state }) => (state === 'paying' ? badge('paying', 'info') : completed ? badge('completed', 'ok') : badge('not completed')) },
      { key: 'participants', label: 'Players', align: 'end', sort: false, render: ({ participants }) => integer(participants) },
      { key: 'reward', label: 'Reward', align: 'end', sort: false, render: ({ reward }) => credits(reward) },
      { key: 'started_ms', label: 'Began', sort: false, render: ({ started_ms: at }) => time(at) },
    ],
  });
  fill(panel, list.element);
}

async function begin(ctx, refresh) {
  const page = await api.get('/mission-kinds', { signal: ctx.signal });
  openChange({
    title: 'Begin a mission', path: '/missions', confirm: 'Begin', toChange: ({ mission }) => ({ kind: 'create', mission }), onDone: refresh,
    fields: [{ name: 'mission', label: 'Kind', type: 'select', required: true, options: page.items.map(({ key, name }) => [key, name]), help: 'Its players, hub and reward stand in the preview.' }],
  });
}
