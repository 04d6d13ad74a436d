// Where a hub is, and the way there: for everything that needs the ship at a certain hub.

import { fill, h } from '../../ui/dom.js';
import { flyButton } from '../../ui/way.js';

/** “Luna Exchange, Sol”. */
export function placeName(game, hub) {
  const sector = game.hub(hub)?.sector;
  return sector ? `${game.name('hub', hub)}, ${game.name('sector', sector)}` : game.name('hub', hub);
}

/**
 * A line that says whether the ship is at the hub, with a button that sends it there. Keeps itself up to date.
 * @returns {{element: HTMLElement, stop: () => void}}
 */
export function placeLine(game, hub) {
  const element = h('div', { class: 'place spread' });
  let shown = '';
  function show() {
    const entry = game.hub(hub);
    const here = entry?.sector === game.state.world?.key;
    const state = game.state.hub === hub ? 'at' : here ? 'here' : 'away';
    if (state === shown) return;
    shown = state;
    fill(element, h('span', { class: state === 'at' ? 'good' : 'muted' }, state === 'at' ? `You are at ${game.name('hub', hub)}.` : placeName(game, hub)),
      state !== 'at' && flyButton(game, hub));
  }
  const stop = game.watch((_, changed) => { if (changed.has('hub') || changed.has('world')) show(); });
  return { element, stop };
}
