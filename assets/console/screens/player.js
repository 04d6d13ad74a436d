// One player, on line or not: what the actor says, asked again while somebody looks; below it what the store has. Changes are in player/actions.js.

import { api } from '../lib/api.js';
import { badge, failure, fill, h, loading } from '../lib/dom.js';
import { sanctionEnd } from '../lib/accounts.js';
import { livePart } from '../lib/live.js';
import { tabs } from '../lib/tabs.js';
import { time } from '../lib/format.js';
import { loadNames } from './player/names.js';
import { actionButtons } from './player/actions.js';
import { overviewTab } from './player/overview.js';
import { workTab } from './player/work.js';
import { socialTab } from './player/social.js';
import { ledgerTab } from './player/ledger.js';
import { historyTab } from './player/history.js';
import { auditTab, chatTab, notificationsTab, sessionsTab } from './player/records.js';

const EVERY_MS = 2000;

export default { title: 'Player', path: '/players/:id', role: 'viewer', mount };

async function mount(root, { id }, ctx) {
  const state = h('div', { class: 'player-state' }, loading());
  root.append(state);
  const names = await loadNames(ctx.signal);
  // Tabs that show the live state draw it whenever it comes.
  const subject = { id, names, ctx, current: null, listeners: new Set(), refresh: () => watch.now() };
  const badges = livePart(stateOf, { class: 'badges' });
  const actions = livePart(() => actionButtons(subject), { class: 'toolbar actions', role: 'group', 'aria-label': 'Actions' });
  let view = null;

  const watch = ctx.poll({
    every: EVERY_MS,
    load: (signal) => api.tagged(`/players/${id}`, { signal }),
    onData: ({ data, etag }) => {
      subject.current = { ...data, etag };
      ctx.setTitle(data.name);
      badges.set([data.online, data.in_memory, data.guest, data.ban, data.mute, data.erased_ms]);
      actions.set([data.ban !== null, data.mute !== null, data.online, data.erased_ms]);
      if (view === null) {
        fill(state, badges.element, actions.element);
        view = tabs(ctx, { label: data.name, tabs: tabList(subject) });
        root.append(view.element);
      }
      subject.listeners.forEach((listener) => listener(subject.current));
    },
    onError: (error) => { if (view === null) fill(state, failure(error, () => watch.now())); },
  });
}

function stateOf([online, inMemory, guest, ban, mute, erased]) {
  return [
    online ? badge('on line', 'ok') : badge(inMemory ? 'off line, in memory' : 'off line'), guest && badge('guest'),
    ban && sanction('banned', 'bad', ban), mute && sanction('muted', 'warn', mute), erased && h('span', {}, badge('erased', 'bad'), ' ', time(erased)),
  ];
}

function sanction(word, kind, { until_ms, reason, by }) {
  return h('span', {}, badge(word, kind), ' ', sanctionEnd(until_ms), by && ` by ${by}`, reason && `: ${reason}`);
}

function tabList(subject) {
  return [
    { key: 'overview', label: 'Overview', show: (panel, signal) => overviewTab(panel, subject, signal) },
    { key: 'work', label: 'Research and crafting', show: (panel, signal) => workTab(panel, subject, signal) },
    { key: 'social', label: 'Missions and guild', show: (panel, signal) => socialTab(panel, subject, signal) },
    { key: 'notifications', label: 'Notifications', show: (panel, signal) => notificationsTab(panel, subject, signal) },
    { key: 'ledger', label: 'Ledger', show: (panel, signal) => ledgerTab(panel, subject, signal) },
    { key: 'sessions', label: 'Sessions', show: (panel, signal) => sessionsTab(panel, subject, signal) },
    { key: 'chat', label: 'Chat', show: (panel, signal) => chatTab(panel, subject, signal) },
    { key: 'audit', label: 'Audit', show: (panel, signal) => auditTab(panel, subject, signal) },
    { key: 'history', label: 'History', show: (panel, signal) => historyTab(panel, subject, signal) },
  ];
}
