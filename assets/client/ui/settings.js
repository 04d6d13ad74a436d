// What the player has set, kept in the browser.
//
//   settings.get('names')   settings.set('names', false)   settings.watch((key, value) => …) → off
//
//   names       true: names beside ships
//   chatLines   true: the last lines of chat lie over the picture
//   encoding    'json' | 'msgpack': how the page speaks to the server, from the next connection on
//   developer   true: the network simulator and numbers for developers
//   latencyMs, jitterPercent   of the network simulator

import { local } from './store.js';

const STORE = 'orrery.settings';
const DEFAULTS = { names: true, chatLines: true, encoding: 'msgpack', developer: false, latencyMs: 0, jitterPercent: 0 };

export function createSettings(storage = local) {
  const values = { ...DEFAULTS, ...read(storage) };
  const watchers = new Set();
  return {
    get: (key) => values[key],
    set(key, value) {
      if (!(key in DEFAULTS) || values[key] === value) return;
      values[key] = value;
      storage.setItem(STORE, JSON.stringify(values));
      for (const watcher of [...watchers]) watcher(key, value);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

function read(storage) {
  try {
    const kept = JSON.parse(storage.getItem(STORE) ?? '{}');
    return Object.fromEntries(Object.entries(kept).filter(([key, value]) => typeof value === typeof DEFAULTS[key]));
  } catch {
    // Not ours, or broken: the defaults are good.
    return {};
  }
}
