// Guilds, and one guild with its members.

import { api } from '../lib/api.js';
import { badge, definitions, failure, fill, h, loading, section } from '../lib/dom.js';
import { createTable, pagedTable } from '../lib/table.js';
import { credits, integer, time, words } from '../lib/format.js';
import { playerLink } from '../lib/accounts.js';
import { livePart } from '../lib/live.js';

const TYPING_MS = 150;
const EVERY_MS = 3000;
const PAGE = 50;

export default [
  { title: 'Guilds', path: '/guilds', role: 'viewer', group: 'Galaxy life', keys: 'g u', mount: list },
  { title: 'Guild', path: '/guilds/:id', role: 'viewer', mount: one },
];

function list(root, params, ctx) {
  const text = h('input', { type: 'search', class: 'filter', value: ctx.query.get('text') ?? '', placeholder: 'Name', 'aria-label': 'Name', autocomplete: 'off', maxlength: 64 });
  const table = pagedTable({
    caption: 'Guilds', href: ({ id }) => `/guilds/${id}`, signal: ctx.signal, empty: 'No guild matches.',
    load: ({ cursor, signal }) => api.get('/guilds', { query: { text: text.value.trim(), cursor, limit: PAGE }, signal }),
    columns: [
      { key: 'name', label: 'Name', sort: false }, { key: 'members', label: 'Members', align: 'end', sort: false, render: ({ members }) => integer(members) },
      { key: 'treasury', label: 'Treasury', align: 'end', sort: false, render: ({ treasury }) => credits(treasury) },
      { key: 'leader', label: 'Leader', sort: false, render: ({ leader }) => playerLink(leader) },
    ],
  });
  let timer = null;
  text.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      ctx.setQuery({ text: text.value.trim() });
      table.reload();
    }, TYPING_MS);
  });
  root.append(h('div', { class: 'toolbar', role: 'search' }, text), table.element);
  return () => clearTimeout(timer);
}

function one(root, { id }, ctx) {
  const content = h('div', {}, loading());
  root.append(content);
  const facts = livePart(factsOf);
  const members = createTable({
    caption: 'Members', rowKey: ({ player }) => player, href: ({ player }) => `/players/${player}`, filter: 'Filter by name', empty: 'No member.',
    columns: [
      { key: 'name', label: 'Player' }, { key: 'role', label: 'Role', render: ({ role }) => badge(words(role), role === 'leader' ? 'info' : '') },
      { key: 'joined_ms', label: 'Since', render: ({ joined_ms: at }) => time(at) },
    ],
  });
  let shown = null;
  const watch = ctx.poll({
    every: EVERY_MS, load: (signal) => api.get(`/guilds/${id}`, { signal }),
    onData: (guild) => {
      if (shown === null) fill(content, facts.element, section('Members', members.element));
      ctx.setTitle(guild.name);
      facts.set(guild);
      const now = JSON.stringify(guild.members);
      if (now !== shown) members.setRows(guild.members);
      shown = now;
    },
    onError: (error) => { if (shown === null) fill(content, failure(error, () => watch.now())); },
  });
}

function factsOf(guild) {
  return section('Guild', definitions([
    ['Id', h('code', {}, guild.id)], ['Treasury', credits(guild.treasury)], ['Members', integer(guild.members.length)],
    ['A member may withdraw', `${credits(guild.member_limit)} a day`], ['An officer may withdraw', `${credits(guild.officer_limit)} a day`],
    ['Message of the day', guild.motd || 'none'],
  ]));
}
