// The way to a hub, for whatever needs the ship there: buttons that send it off, and on small windows clear the picture.
//
//   nearestHub(game, fits)      the nearest hub of this sector that fits, as in the catalogue, or null
//   flyButton(game, key)        “Fly to Luna Exchange”; in another sector “Set course for Vega”; `brief`: “Fly there”, beside the hub's name
//   hubPlace(game, key)         that the ship is there, or the button

import { nearestPlace } from '../view/reach.js';
import { badge, button, h } from './dom.js';

export function nearestHub(game, fits = () => true) {
  const hubs = game.state.hubs.filter(fits);
  const at = game.position();
  return (at ? nearestPlace(hubs, at)?.place : hubs[0]) ?? null;
}

/** The pilot does it, so that no older order steers the ship back. */
export function flyButton(game, key, { brief = false, ...props } = {}) {
  const { sector } = game.hub(key) ?? {};
  const here = sector === game.state.world?.key;
  const label = here ? `Fly to ${game.name('hub', key)}` : `Set course for ${game.name('sector', sector)}`;
  const look = { class: 'button--small', 'data-key': `fly-${key}`, ...(brief && { 'aria-label': `Fly there: ${game.name('hub', key)}` }), ...props };
  return button(brief ? 'Fly there' : label, () => {
    game.showPicture();
    if (here) game.view.pilot.goTo({ type: 'hub', key });
    else game.view.setOut(sector);
  }, look);
}

export function hubPlace(game, key) {
  if (game.state.hub === key) return badge('your ship is here', 'good');
  const { sector } = game.hub(key) ?? {};
  return [sector !== game.state.world?.key && h('span', { class: 'muted' }, `in ${game.name('sector', sector)} `), flyButton(game, key)];
}
