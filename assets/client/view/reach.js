// What the own ship can reach: the hub and the gate in whose range it is, and the objects that it can collect. Pure; the server judges alike, with whole
// steps and squares, so what is in reach here is in reach there, but for the way that the ship flies until a command arrives.
//
//   inReach({ at, sector, objects, collectRange }) → { hub, gate, objects }    hub and gate of the catalogue or null; objects [{id, kind, distance}], nearest first
//   distance([x, y], [x, y]) in steps; nearestPlace(places, at) → {place, distance} of hubs or gates, or null

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';

export const distance = (left, right) => Math.hypot(left[0] - right[0], left[1] - right[1]);

export const placeAt = (place) => [place.at[0] * STEPS, place.at[1] * STEPS];

export function nearestPlace(places, at) {
  let best = null;
  for (const place of places ?? []) {
    const away = distance(placeAt(place), at);
    if (best === null || away < best.distance) best = { place, distance: away };
  }
  return best;
}

function within(places, at) {
  let best = null;
  for (const place of places ?? []) {
    const away = distance(placeAt(place), at);
    if (away <= place.range_units * STEPS && (best === null || away < best.distance)) best = { place, distance: away };
  }
  return best?.place ?? null;
}

export function inReach({ at, sector, objects, collectRange }) {
  const near = [];
  for (const object of objects) {
    const away = distance(object.at, at);
    if (away <= collectRange) near.push({ id: object.id, kind: object.kind, distance: away });
  }
  near.sort((left, right) => left.distance - right.distance || left.id - right.id);
  return { hub: within(sector?.hubs, at), gate: within(sector?.gates, at), objects: near };
}

/** The point on the way from `at` to `target` that lies `keep` steps before it, or null when the ship is as near already. */
export function approach(at, target, keep) {
  const away = distance(at, target);
  if (away <= keep) return null;
  const part = (away - keep) / away;
  return [Math.round(at[0] + (target[0] - at[0]) * part), Math.round(at[1] + (target[1] - at[1]) * part)];
}
