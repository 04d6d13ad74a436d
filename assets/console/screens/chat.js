// Chat: the channels that are kept, and one of them as it is said, with what was said before.

import { api } from '../lib/api.js';
import { badge, empty, failure, fill, h, link, loading } from '../lib/dom.js';
import { ago, integer } from '../lib/format.js';
import { livePart } from '../lib/live.js';
import { tail } from './chat/tail.js';

const CHANNELS_MS = 5000;

export default [
  { title: 'Chat', path: '/chat', role: 'viewer', group: 'Galaxy life', keys: 'g w', mount },
  { title: 'Chat', path: '/chat/:stream', role: 'viewer', mount },
];

function mount(root, { stream = null }, ctx) {
  const filter = h('input', { type: 'search', class: 'filter', placeholder: 'Filter channels', 'aria-label': 'Filter channels', value: ctx.query.get('channel') ?? '', autocomplete: 'off' });
  const channels = livePart((rows) => channelList(rows, stream));
  const note = h('div', {}, loading());
  let rows = null;

  const draw = () => {
    const text = filter.value.trim().toLowerCase();
    if (rows !== null) channels.set(rows.filter(({ name, kind }) => `${kind} ${name}`.toLowerCase().includes(text)));
  };
  filter.addEventListener('input', () => {
    ctx.setQuery({ channel: filter.value.trim() });
    draw();
  });
  const side = h('nav', { class: 'split-list', 'aria-label': 'Channels' }, filter, note, channels.element);
  const main = h('div', { class: 'split-main' });
  root.append(h('div', { class: `split${stream === null ? '' : ' chosen'}` }, side, main));
  if (stream === null) fill(main, empty('Choose a channel.'));
  else tail(main, stream, ctx);

  const watch = ctx.poll({
    every: CHANNELS_MS, load: (signal) => api.get('/chat', { query: { limit: 100 }, signal }),
    onData: ({ items, next_cursor: more }) => {
      rows = items;
      fill(note, more !== null && h('p', { class: 'help' }, 'There are more channels than these: open them from what a player has said.'));
      const own = items.find((row) => row.stream === stream);
      if (own) ctx.setTitle(own.name);
      draw();
    },
    onError: (error) => { if (rows === null) fill(note, failure(error, () => watch.now())); },
  });
}

function channelList(rows, chosen) {
  if (rows.length === 0) return empty('No channel matches.');
  return h('ul', { class: 'channels' }, rows.map((row) => h('li', {}, channel(row, row.stream === chosen))));
}

function channel({ stream, kind, name, lines, listeners, last_at_ms: last }, chosen) {
  const entry = link(`/chat/${encodeURIComponent(stream)}`,
    h('span', { class: 'channel-name' }, badge(kind, kind === 'sector' ? 'info' : ''), ' ', name),
    h('span', { class: 'muted' }, `${integer(lines)} ${lines === 1 ? 'line' : 'lines'}`, listeners !== null && listeners !== undefined && ` · ${integer(listeners)} listening`, last !== null && [' · ', ago(last)]));
  if (chosen) entry.setAttribute('aria-current', 'page');
  return entry;
}
