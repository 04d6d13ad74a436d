// What the own ship can reach: the hub and the gate in whose range it is, and the objects that it can collect. Pure; the server judges alike, with whole
// steps and squares, so what is in reach here is in reach there, but for the way that the ship flies until a command arrives.
//
//   inReach({ at, sector, objects, collectRange }) → { hub, gate, objects }    hub and gate of the catalogue or null; objects [{id, kind, distance}], nearest first
//   distance([x, y], [x, y]) in steps; nearestPlace(places, at) → {place, left} of hubs or gates, or null; nearestField(sector, at, fits(kind)) → [x, y] or null
//   What the page tells of distances is always how far it is until something is in reach: untilReach, leftWords.

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { number } from '../ui/format.js';

/** How far inside a field the ship goes, as a share of its radius from the middle. */
const FIELD_INSIDE = 0.6;

export const distance = (left, right) => Math.hypot(left[0] - right[0], left[1] - right[1]);

/** How far it is until something is in reach: what is left of the distance, less the range within which it can be used. In steps; 0 when it is in reach. */
export const untilReach = (away, range) => Math.max(0, away - range);

/** The same in words: “in reach” or “98 u”. */
export const leftWords = (steps) => (steps <= 0 ? 'in reach' : `${number(Math.ceil(steps / STEPS))}\u00a0u`);

export const placeAt = (place) => [place.at[0] * STEPS, place.at[1] * STEPS];

export function nearestPlace(places, at) {
  let best = null;
  for (const place of places ?? []) {
    const left = untilReach(distance(placeAt(place), at), place.range_units * STEPS);
    if (best === null || left < best.left) best = { place, left };
  }
  return best;
}

/** The nearest point well inside one of the fields where objects appear; for who is inside already, another part of it. */
export function nearestField(sector, at, fits = () => true) {
  let best = null;
  for (const { kind, center, radius_units: radius } of sector?.spawns ?? []) {
    if (!fits(kind)) continue;
    const middle = [center[0] * STEPS, center[1] * STEPS];
    const point = approach(at, middle, radius * STEPS * FIELD_INSIDE) ?? around(at, middle, radius * STEPS * FIELD_INSIDE);
    const away = distance(point, at);
    if (best === null || away < best.away) best = { point, away };
  }
  return best?.point ?? null;
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

/** A point of the circle around the middle, a sixth of the way around from here. */
function around(at, middle, radius) {
  const angle = Math.atan2(at[1] - middle[1], at[0] - middle[0]) + Math.PI / 3;
  return [Math.round(middle[0] + Math.cos(angle) * radius), Math.round(middle[1] + Math.sin(angle) * radius)];
}

/** The point on the way from `at` to `target` that lies `keep` steps before it, or null when the ship is as near already. */
export function approach(at, target, keep) {
  const away = distance(at, target);
  if (away <= keep) return null;
  const part = (away - keep) / away;
  return [Math.round(at[0] + (target[0] - at[0]) * part), Math.round(at[1] + (target[1] - at[1]) * part)];
}
