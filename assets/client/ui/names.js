// Display names from the catalogue, and the names of players the page has heard of.
//
//   const name = createNames(catalog);  name('item', 'ice') → “Water ice”; kinds: item, ship, object, tech, blueprint, mission, hub, gate, sector
//   const people = createPeople();      people.learn(id, name); people.name(id); people.find('Ada') → id; people.names()

import { fromKey } from './format.js';
import { local } from './store.js';

const MAPS = { item: 'items', ship: 'ships', object: 'objects', tech: 'techs', blueprint: 'blueprints', mission: 'missions', sector: 'sectors' };

export function createNames(catalog) {
  const hubs = new Map();
  const gates = new Map();
  for (const sector of Object.values(catalog.sectors ?? {})) {
    for (const hub of sector.hubs ?? []) hubs.set(hub.key, { ...hub, sector: sector.key });
    for (const gate of sector.gates ?? []) gates.set(gate.key, { ...gate, sector: sector.key });
  }
  function name(kind, key) {
    if (key === null || key === undefined) return '–';
    if (kind === 'hub') return hubs.get(key)?.name ?? fromKey(key);
    if (kind === 'gate') return gates.has(key) ? `Gate to ${name('sector', gates.get(key).to_sector)}` : fromKey(key);
    // What runs is the mission's kind with a number behind it.
    const found = catalog[MAPS[kind]]?.[key] ?? (kind === 'mission' ? catalog.missions?.[missionKind(key)] : undefined);
    return found?.name ?? fromKey(kind === 'mission' ? missionKind(key) : key);
  }
  return { name, hub: (key) => hubs.get(key), gate: (key) => gates.get(key), hubs: () => [...hubs.values()] };
}

export const missionKind = (key) => String(key).replace(/_\d+$/, '');

const STORE = 'orrery.people';
const KEPT_MAX = 500;

export function createPeople(storage = local) {
  const known = new Map(read(storage));
  return {
    learn(id, name) {
      if (!id || !name || known.get(id) === name) return;
      known.delete(id);
      // A name is one player's at a time: who had it before has another one now.
      for (const [other, old] of known) if (old === name) known.delete(other);
      known.set(id, name);
      if (known.size > KEPT_MAX) known.delete(known.keys().next().value);
      storage.setItem(STORE, JSON.stringify([...known]));
    },
    name: (id) => known.get(id) ?? `Player ${String(id).slice(-6)}`,
    names: () => [...known.values()],
    find: (name) => [...known].find(([, other]) => other === name)?.[0] ?? null,
  };
}

function read(storage) {
  try {
    const list = JSON.parse(storage.getItem(STORE) ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    // Not ours, or broken: names are learnt anew.
    return [];
  }
}
