// One mission: its phase, and its leaderboard as it moves.

import { api } from '../lib/api.js';
import { badge, definitions, failure, fill, h, link, loading, section } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { openChange } from '../lib/change.js';
import { createTable } from '../lib/table.js';
import { credits, integer, time } from '../lib/format.js';
import { catalog } from '../lib/catalog.js';
import { countdown, livePart, progress } from '../lib/live.js';

const EVERY_MS = 1500;
const TOP = 100;

export default { title: 'Mission', path: '/missions/:id', role: 'viewer', mount };

async function mount(root, { id }, ctx) {
  const path = `/missions/${encodeURIComponent(id)}`;
  const content = h('div', {}, loading());
  root.append(content);
  const [kinds, hubs, items] = await Promise.all(['missions', 'hubs', 'items'].map((kind) => catalog(kind, ctx.signal)));
  const facts = livePart((mission) => factsOf(mission, kinds, hubs));
  const phase = livePart((mission) => phaseOf(mission, items));
  const ranks = ranksTable();
  const top = h('input', { type: 'checkbox' });
  let etag = null;
  let shown = null;

  const watch = ctx.poll({
    every: EVERY_MS,
    load: (signal) => api.tagged(path, { query: { top: top.checked ? TOP : 20 }, signal }),
    onData: ({ data, etag: version }) => {
      etag = version;
      if (shown === null) fill(content, h('div', { class: 'grid' }, facts.element, phase.element),
        section('Leaderboard', h('label', { class: 'check' }, top, ` show the first ${TOP}`), ranks.element));
      // Only when it changes: the button may have the focus.
      if (shown !== data.state) ctx.actions(ctx.can('admin') && data.state === 'running' && button('End it…', () => end(path, etag, kinds.name(data.kind), () => watch.now()), { class: 'danger' }));
      shown = data.state;
      ctx.setTitle(kinds.name(data.kind));
      facts.set(data);
      phase.set(data.needs);
      ranks.setRows(data.top);
      if (data.state === 'over') watch.stop();
    },
    onError: (error) => { if (shown === null) fill(content, failure(error, () => watch.now())); },
  });
  top.addEventListener('change', () => watch.now());
}

function factsOf(mission, kinds, hubs) {
  const kind = kinds.get(mission.kind);
  return section('Mission', kind?.about && h('p', {}, kind.about), definitions([
    ['State', badge(mission.state, mission.state === 'running' ? 'ok' : mission.state === 'paying' ? 'info' : '')],
    ['Id', h('code', {}, mission.mission)], ['Hub', link(`/markets/${mission.hub}`, hubs.name(mission.hub))],
    ['Began', time(mission.started_ms)], ['Ends', mission.state === 'running' ? countdown(mission.due_ms) : time(mission.due_ms)],
    ['Players', integer(mission.participants)], ['Reward', credits(mission.reward)], ['Phase', `${Math.min(mission.phase + 1, mission.phases)} of ${mission.phases}`],
    ['Completed', mission.completed ? 'yes' : 'not yet'],
  ]));
}

function phaseOf(needs, items) {
  return section('What the phase needs', needs.map(({ item, needed, given, points }) => h('div', { class: 'need' },
    h('h3', {}, items.name(item), h('span', { class: 'muted' }, ` ${integer(points)} points each`)), progress(given, needed, items.name(item)))));
}

function ranksTable() {
  return createTable({
    caption: 'Leaderboard', rowKey: ({ player }) => player, href: ({ player }) => `/players/${player}`, empty: 'Nobody has contributed yet.',
    columns: [
      { key: 'name', label: 'Player', sort: false }, { key: 'rank', label: 'Rank', align: 'end', sort: false, render: ({ rank }) => integer(rank) },
      { key: 'score', label: 'Score', align: 'end', sort: false, render: ({ score }) => integer(score) },
      { key: 'reward', label: 'Paid', align: 'end', sort: false, render: ({ reward }) => (reward > 0 ? credits(reward) : '–') },
    ],
  });
}

function end(path, version, name, refresh) {
  openChange({
    title: `End ${name}`, path: `${path}/changes`, version, danger: true, confirm: 'End and pay', toChange: () => ({ kind: 'end' }), onDone: refresh,
    intro: 'It is paid as at its deadline, and does not begin again.',
  });
}
