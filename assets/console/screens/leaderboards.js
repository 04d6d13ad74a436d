// The season's leaderboards.

import { api, poll } from '../lib/api.js';
import { fill, h, loading, select } from '../lib/dom.js';
import { createTable } from '../lib/table.js';
import { integer, words } from '../lib/format.js';
import { countdown, livePart } from '../lib/live.js';
import { tabs } from '../lib/tabs.js';

const EVERY_MS = 3000;
// Seasons before the running one that can be looked at.
const PAST = 6;

export default { title: 'Leaderboards', path: '/leaderboards', role: 'viewer', group: 'Galaxy life', keys: 'g b', mount };

async function mount(root, params, ctx) {
  root.append(loading());
  const boards = await api.get('/leaderboards', { signal: ctx.signal });
  const top = select([['20', 'First 20'], ['50', 'First 50'], ['100', 'First 100']], '50', { 'aria-label': 'How many' });
  const past = Array.from({ length: PAST }, (_, index) => boards.season - 1 - index).filter((number) => number >= 0);
  const season = select([['', `Season ${boards.season}, running`], ...past.map((number) => [String(number), `Season ${number}`])], '', { 'aria-label': 'Season' });
  fill(root, h('div', { class: 'toolbar' }, season, top, h('p', { class: 'muted' }, 'The running season ends ', countdown(boards.ends_ms), '.')), tabs(ctx, {
    label: 'Leaderboards', tabs: boards.items.map(({ board }) => ({ key: board, label: words(board), show: (panel, signal) => ranks(panel, board, { top, season }, signal) })),
  }).element);
}

function ranks(panel, board, { top, season }, signal) {
  const counted = livePart((participants) => h('p', { class: 'muted' }, `${integer(participants)} players`));
  const table = createTable({
    caption: words(board), rowKey: ({ player }) => player, href: ({ player }) => `/players/${player}`, empty: 'Nobody is on it yet.',
    columns: [
      { key: 'name', label: 'Player', sort: false }, { key: 'rank', label: 'Rank', align: 'end', sort: false, render: ({ rank }) => integer(rank) },
      { key: 'score', label: 'Score', align: 'end', sort: false, render: ({ score }) => integer(score) },
    ],
  });
  fill(panel, counted.element, table.element);
  table.setLoading();
  const watch = poll({
    every: EVERY_MS, signal, load: () => api.get(`/leaderboards/${board}`, { query: { top: top.value, season: season.value }, signal }),
    onData: (data) => {
      counted.set(data.participants);
      table.setRows(data.top);
    },
    onError: (error) => table.setError(error, () => watch.now()),
  });
  [top, season].forEach((choice) => choice.addEventListener('change', () => watch.now(), { signal }));
}
