// What is kept about a player beside the live state: notifications, sessions, chat lines, and what operators did.

import { api } from '../../lib/api.js';
import { badge, fill, h, link } from '../../lib/dom.js';
import { pagedTable } from '../../lib/table.js';
import { ago, duration, integer, shortId, stamp, time, words } from '../../lib/format.js';
import { flatten } from '../../lib/diff.js';

const PAGE = 50;
const SESSIONS_MS = 2000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function paged(panel, subject, signal, what, options) {
  const list = pagedTable({
    signal, load: ({ cursor }) => api.get(`/players/${subject.id}/${what}`, { query: { cursor, limit: PAGE }, signal }), ...options,
  });
  fill(panel, list.element);
}

const when = { key: 'at_ms', label: 'When', sort: false, render: ({ at_ms: at }) => time(at) };

export function notificationsTab(panel, subject, signal) {
  paged(panel, subject, signal, 'notifications', {
    caption: 'Notifications', rowKey: ({ seq }) => seq, empty: 'No notifications.',
    columns: [
      when,
      { key: 'kind', label: 'What', sort: false, render: ({ notice }) => words(Object.keys(notice ?? {})[0]) },
      { key: 'more', label: 'Details', sort: false, render: ({ notice }) => details(Object.values(notice ?? {})[0], subject.names) },
    ],
  });
}

/** The fields of a notice in words: keys of the content by their names. */
function details(value, names) {
  return [...flatten(value ?? {})].filter(([path]) => path !== 'value').map(([path, entry]) => detail(path, entry, names)).join(' · ');
}

function detail(path, entry, names) {
  const known = { item: names.items, hub: names.hubs, tech: names.techs, blueprint: names.blueprints, world: names.sectors, kind: names.missions };
  const [name, ...rest] = path.split('.');
  if (name === 'goods' && rest.length === 1) return `${names.items.name(rest[0])} ${integer(entry)}`;
  if (entry === null) return `${words(name)} –`;
  if (known[name]) return `${words(name)} ${known[name].name(entry)}`;
  if (name.endsWith('_ms')) return `${words(name.slice(0, -3))} ${stamp(entry)}`;
  if (UUID.test(entry)) return `${words(path)} ${shortId(entry)}`;
  return `${words(path)} ${typeof entry === 'number' ? integer(entry) : entry}`;
}

export function sessionsTab(panel, subject, signal) {
  paged(panel, subject, signal, 'sessions', {
    caption: 'Sessions', rowKey: ({ since_ms: since }) => since, empty: 'No session now.', every: SESSIONS_MS,
    columns: [
      { key: 'address', label: 'Address', sort: false, render: ({ address }) => address ?? '–' },
      { key: 'connected', label: 'State', sort: false, render: ({ connected }) => (connected ? badge('connected', 'ok') : badge('waits to be resumed', 'warn')) },
      { key: 'since_ms', label: 'Since', sort: false, render: ({ since_ms: since }) => [time(since), ' (', ago(since), ')'] },
      { key: 'silent_ms', label: 'Heard', sort: false, render: ({ silent_ms: silent }) => `${duration(silent)} ago` },
      { key: 'encoding', label: 'Encoding', sort: false },
      { key: 'level', label: 'Detail', sort: false, render: ({ level }) => (level === 0 ? 'everything' : `less, by ${integer(level)}`) },
      { key: 'messages', label: 'Reliable messages', align: 'end', sort: false, render: ({ messages }) => integer(messages) },
      { key: 'durable', label: 'Durable up to', align: 'end', sort: false, render: ({ durable }) => integer(durable) },
    ],
  });
}

export function chatTab(panel, subject, signal) {
  paged(panel, subject, signal, 'chat', {
    caption: 'Chat lines', rowKey: ({ stream, seq }) => `${stream} ${seq}`, empty: 'The player has said nothing that is kept.',
    columns: [
      when,
      { key: 'stream', label: 'Channel', sort: false, render: ({ stream }) => (stream ? link(`/chat/${encodeURIComponent(stream)}`, stream.split(':')[0], ' ', stream.split(':')[1]?.slice(-8)) : '–') },
      { key: 'text', label: 'Text', sort: false, class: 'said' },
    ],
  });
}

export function auditTab(panel, subject, signal) {
  paged(panel, subject, signal, 'audit', {
    caption: 'Audit', rowKey: ({ seq }) => seq, href: ({ seq }) => `/audit/${seq}`, empty: 'No operator has changed anything about this player.',
    columns: [
      { key: 'seq', label: 'Entry', sort: false, render: ({ seq }) => `#${seq}` },
      when,
      { key: 'action', label: 'What', sort: false, render: ({ action, undone_by: undone, undoes }) => [words(action), undone && [' ', badge('undone')], undoes && h('span', { class: 'muted' }, ` undoes #${undoes}`)] },
      { key: 'by', label: 'Who', sort: false, render: ({ by }) => by?.name ?? '–' },
      { key: 'reason', label: 'Reason', sort: false, class: 'said' },
    ],
  });
}
