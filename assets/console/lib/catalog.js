// Names of the content (items, ships, techs, sectors, hubs, …). Asked once and kept: content changes only with a restart of the server.
//
//   const items = await catalog('items', ctx.signal);
//   items.name('iron_ore')     'Iron ore'; an unknown key as words, so that old data stays readable
//   items.keys                 ['ice', 'iron_ore', …] in the catalogue's order      items.options  [['ice', 'Water ice'], …] for a select
//   items.get('ice')           the whole entry
//   goodsText(items, {ice: 3}) 'Water ice 3, …'

import { api } from './api.js';
import { integer, words } from './format.js';

const kept = new Map();

export async function catalog(kind, signal) {
  if (!kept.has(kind)) {
    const page = await api.get(`/content/${kind}`, { signal });
    kept.set(kind, index(page.items));
  }
  return kept.get(kind);
}

function index(items) {
  const byKey = new Map(items.map((entry) => [entry.key, entry]));
  return {
    keys: [...byKey.keys()],
    options: items.map(({ key, name }) => [key, name ?? words(key)]),
    get: (key) => byKey.get(key),
    name: (key) => (key === null || key === undefined ? '–' : byKey.get(key)?.name ?? words(key)),
  };
}

export const goodsText = (items, map) => Object.entries(map ?? {}).map(([item, count]) => `${items.name(item)} ${integer(count)}`).join(', ') || '–';
