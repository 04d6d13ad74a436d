// What was said since the page is there, by channel, whether the chat is open or not.
//
//   log.channel(key) → {key, lines, unread, more}    keys: 'local', 'sector', 'guild', 'direct:<player>'; lines oldest first
//   log.watch(key => …) → off                        something changed in this channel
//   log.older(key)                                   asks for the page of history before the oldest line; where nothing is known, the newest
//   log.read(key)   log.unread()   log.partners()    → [{player, name, lastMs}]: with whom the player has talked

import { local } from '../../ui/store.js';

const STORE = 'orrery.talks';
const PAGE = 50;
const LINES_MAX = 500;
const PARTNERS_MAX = 50;

export const channelKey = (channel) => (typeof channel === 'string' ? channel : `direct:${channel.direct}`);
export const channelBody = (key) => (key.startsWith('direct:') ? { direct: key.slice(7) } : key);

export function createChatLog(game) {
  const { client, people } = game;
  const channels = new Map();
  const watchers = new Set();
  const store = `${STORE}.${client.player}`;
  const partners = new Map(readPartners(store));
  let visible = null;

  /** `more`: whether there may be older lines; `asked`: whether history was asked for. */
  function channel(key) {
    if (!channels.has(key)) channels.set(key, { key, lines: [], unread: 0, more: key !== 'local', asked: false });
    return channels.get(key);
  }

  const changed = (key) => { for (const watcher of [...watchers]) watcher(key); };

  /** Takes lines in, each once, in the order of their numbers; in `local`, which has none, as they come. */
  function take(entry, lines) {
    for (const line of lines) {
      people.learn(line.player, line.name);
      if (line.seq && entry.lines.some(({ seq }) => seq === line.seq)) continue;
      entry.lines.push(line);
    }
    entry.lines.sort((a, b) => (a.seq && b.seq ? a.seq - b.seq : a.at_ms - b.at_ms));
  }

  function partner(id, name, atMs) {
    partners.delete(id);
    partners.set(id, { name, lastMs: atMs });
    if (partners.size > PARTNERS_MAX) evict(partners.keys().next().value);
    local.setItem(store, JSON.stringify([...partners]));
  }

  /** Whom the player has not talked with for longest is forgotten, with what was said; history brings it back. */
  function evict(id) {
    partners.delete(id);
    const key = `direct:${id}`;
    if (key !== visible) forget(key);
  }

  function said({ channel: where, line }) {
    const key = channelKey(where);
    const entry = channel(key);
    take(entry, [line]);
    if (entry.lines.length > LINES_MAX) {
      entry.lines.splice(0, entry.lines.length - LINES_MAX);
      entry.more = key !== 'local';
    }
    const own = line.player === client.player;
    if (where.direct) partner(where.direct, own ? people.name(where.direct) : line.name, line.at_ms);
    if (!own && visible !== key) entry.unread += 1;
    changed(key);
  }

  /** Another world has other lines. */
  function forget(...keys) {
    for (const key of keys) {
      channels.delete(key);
      changed(key);
    }
  }

  const offs = [
    client.on('chat', said),
    client.on('entered', () => forget('sector', 'local')),
    client.on('notification', ({ notice }) => { if (notice.guild_left) forget('guild'); }),
    // A new session has missed lines: what is known has a gap before them.
    client.on('welcome', ({ resumed }) => { if (!resumed) forget(...channels.keys()); }),
  ];

  return {
    channel,
    async older(key) {
      const entry = channel(key);
      if (key === 'local') return;
      const before = entry.asked ? entry.lines[0]?.seq : undefined;
      const page = await client.command('chat_history', { channel: channelBody(key), limit: PAGE, ...(before && { before }) });
      entry.asked = true;
      take(entry, page.items);
      entry.more = page.next_cursor !== null;
      changed(key);
    },
    read(key) {
      visible = key;
      const entry = key && channels.get(key);
      if (!entry?.unread) return;
      entry.unread = 0;
      changed(key);
    },
    unread: () => [...channels.values()].reduce((sum, entry) => sum + (entry.key.startsWith('direct:') || entry.key === 'guild' ? entry.unread : 0), 0),
    partner,
    partners: () => [...partners].map(([player, { name, lastMs }]) => ({ player, name, lastMs })).sort((a, b) => b.lastMs - a.lastMs),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    stop: () => offs.forEach((off) => off()),
  };
}

function readPartners(store) {
  try {
    const list = JSON.parse(local.getItem(store) ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    // Broken by hand: the list begins anew.
    return [];
  }
}
