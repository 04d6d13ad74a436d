// The names that a player's screens need, and how its tabs follow the player's live state.

import { fill, h } from '../../lib/dom.js';
import { catalog } from '../../lib/catalog.js';
import { livePart } from '../../lib/live.js';

export async function loadNames(signal) {
  const [items, techs, ships, sectors, hubs, blueprints, missions] = await Promise.all(
    ['items', 'techs', 'ships', 'sectors', 'hubs', 'blueprints', 'missions'].map((kind) => catalog(kind, signal)));
  return { items, techs, ships, sectors, hubs, blueprints, missions };
}

/** Fills `panel` with parts that are drawn from the player's state now and whenever it changes: [[slice of the state, draw], …]. */
export function follow(panel, subject, signal, parts) {
  const live = parts.map(([slice, draw]) => ({ slice, part: livePart(draw) }));
  const show = (player) => live.forEach(({ slice, part }) => part.set(slice(player)));
  fill(panel, h('div', { class: 'grid' }, live.map(({ part }) => part.element)));
  show(subject.current);
  subject.listeners.add(show);
  signal.addEventListener('abort', () => subject.listeners.delete(show), { once: true });
}
