// What the page knows of the player, in the shapes that the panels ask for. Reads `game.state` only; nothing here asks the server.

import { piecesThatFit } from './ship_math.js';

export const wallet = (game) => game.state.status?.credits ?? 0;
export const cargo = (game) => game.state.status?.cargo ?? [];
export const knownTechs = (game) => game.state.status?.known ?? [];
export const shipKind = (game) => game.state.status?.ship ?? game.catalog.start.ship;
export const stored = (game) => game.state.storage?.items ?? [];
export const jobs = (game) => game.state.jobs?.items ?? [];
export const techs = (game) => game.state.techs?.techs ?? [];

export const inHold = (game, item) => cargo(game).find((entry) => entry.item === item)?.quantity ?? 0;
export const inStorage = (game, hub, item) => stored(game).find((entry) => entry.hub === hub && entry.item === item)?.quantity ?? 0;
/** What deals at a hub can use: its storage first, then the hold. */
export const available = (game, hub, item) => inHold(game, item) + inStorage(game, hub, item);

export function freeVolume(game) {
  const status = game.state.status;
  return status ? Math.max(0, status.cargo_capacity - status.cargo_used) : 0;
}

export const loadable = (game, hub, item) => Math.min(inStorage(game, hub, item), piecesThatFit(game.catalog, item, freeVolume(game)));

/** Every hub: `{hub, sector}`, the sectors in their order. */
export function allHubs(catalog) {
  return Object.values(catalog.sectors).sort((a, b) => a.number - b.number).flatMap((sector) => sector.hubs.map((hub) => ({ hub, sector })));
}

export const findHub = (catalog, key) => allHubs(catalog).find(({ hub }) => hub.key === key) ?? null;

export const atHub = (game, hub) => game.state.hub === hub;

export function inWorld(game, hub) {
  return findHub(game.catalog, hub)?.sector.key === game.client.world?.key;
}

/** Why nothing can be moved at a hub now, or null. */
export function awayProblem(game, hub) {
  if (atHub(game, hub)) return null;
  const found = findHub(game.catalog, hub);
  if (!found) return 'There is no such hub.';
  if (!inWorld(game, hub)) return `${found.hub.name} is in ${found.sector.name}: your ship must be there.`;
  return `Your ship must be in reach of ${found.hub.name}.`;
}
