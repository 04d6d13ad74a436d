// What lies under the pointer. Pure: reads the drawn picture and the camera.
//
//   hit({ camera, stage, sector, own }, x, y, slack) → {type: 'ship' | 'object', id} | {type: 'hub' | 'gate', key} | null
//
// The nearest of what is close enough; ships before objects before places when they lie on one another. `slack`: pixels more for fingers.

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { objectPixels, placePixels, shipPixels } from './paint.js';

const LEAST = 11;

export function hit(scene, x, y, slack = 0) {
  return nearestOf(scene, scene.stage.ships, 'ship', shipPixels, x, y, slack)
    ?? nearestOf(scene, scene.stage.objects, 'object', objectPixels, x, y, slack)
    ?? place(scene, scene.sector?.hubs, 'hub', x, y, slack)
    ?? place(scene, scene.sector?.gates, 'gate', x, y, slack);
}

function nearestOf({ camera, own }, things, type, pixels, x, y, slack) {
  let best = null;
  let least = Math.max(pixels(camera.scale) / 2, LEAST) + slack;
  for (const thing of things.values()) {
    if (thing.gone || thing === own) continue;
    const away = Math.hypot(camera.screenX(thing.x / STEPS) - x, camera.screenY(thing.y / STEPS) - y);
    if (away < least) [best, least] = [thing, away];
  }
  return best && { type, id: best.id };
}

function place({ camera }, places, type, x, y, slack) {
  const reach = (placePixels(camera.scale) / 2) * 0.8 + slack;
  const found = places?.find(({ at }) => Math.hypot(camera.screenX(at[0]) - x, camera.screenY(at[1]) - y) < reach);
  return found ? { type, key: found.key } : null;
}
