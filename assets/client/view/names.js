// Names on the picture: of hubs and gates always, of ships as many as have room. Which ships, is chosen a few times a second; where, each frame.

import { chooseLabels } from './labels.js';
import { COLOURS } from './palette.js';
import { objectPixels, placePixels, shipPixels } from './paint.js';

const FONT = '500 11px system-ui, -apple-system, "Segoe UI", sans-serif';
const PLACE_FONT = '600 12px system-ui, -apple-system, "Segoe UI", sans-serif';
const CHOOSE_EVERY_MS = 250;
const SHIPS_MAX = 70;
const WIDTHS_MAX = 5000;
/** Farther out than this only the own name is shown, in pixels per unit. */
const SCALE_MIN = 0.55;
const SHADOW = 'rgb(4 7 14 / 85%)';

export class Names {
  constructor() {
    this.shown = new Set();
    this.widths = new Map();
    this.placeWidths = new Map();
    this.chosenAt = Number.NEGATIVE_INFINITY;
    this.taken = [];
  }

  draw(painter, scene, now) {
    const { brush } = painter;
    brush.textBaseline = 'middle';
    brush.lineJoin = 'round';
    brush.lineWidth = 3;
    brush.strokeStyle = SHADOW;
    this.places(brush, scene);
    brush.font = FONT;
    brush.textAlign = 'left';
    if (now - this.chosenAt > CHOOSE_EVERY_MS) {
      this.choose(painter, scene);
      this.chosenAt = now;
    }
    const aside = shipPixels(scene.camera.scale) * 0.62 + 3;
    for (const id of this.shown) {
      const ship = scene.stage.ships.get(id);
      if (!ship) continue;
      const x = ship.x * painter.k + painter.left + aside + (ship === scene.own ? 4 : 0);
      const y = painter.top - ship.y * painter.k;
      brush.globalAlpha = ship.alpha;
      brush.fillStyle = ship === scene.own ? COLOURS.own : COLOURS.label;
      brush.strokeText(ship.name, x, y);
      brush.fillText(ship.name, x, y);
    }
    brush.globalAlpha = 1;
    this.hovered(painter, scene);
  }

  places(brush, { sector, camera, placeNames, routeGate }) {
    if (!sector) return;
    brush.font = PLACE_FONT;
    brush.textAlign = 'center';
    this.taken.length = 0;
    const below = placePixels(camera.scale) / 2 + 10;
    for (const hub of sector.hubs) this.place(brush, camera, hub, placeNames.get(hub.key), COLOURS.hub, below);
    for (const gate of sector.gates) this.place(brush, camera, gate, placeNames.get(gate.key), gate.key === routeGate ? COLOURS.route : COLOURS.gate, below);
  }

  place(brush, camera, place, text, colour, below) {
    const [x, y] = [camera.screenX(place.at[0]), camera.screenY(place.at[1]) + below];
    if (x < -100 || y < -20 || x > camera.width + 100 || y > camera.height + 20) return;
    const width = this.width(brush, text, PLACE_FONT);
    this.taken.push({ x: x - width / 2, y, width });
    brush.strokeText(text, x, y);
    brush.fillStyle = colour;
    brush.fillText(text, x, y);
  }

  choose({ brush, k, left, top }, { stage, camera, own, chosen, names }) {
    const candidates = [];
    const aside = shipPixels(camera.scale) * 0.62 + 3;
    for (const ship of stage.ships.values()) {
      const first = ship === own || (chosen?.type === 'ship' && chosen.id === ship.id);
      if (!first && (!names || camera.scale < SCALE_MIN)) continue;
      const [x, y] = [ship.x * k + left, top - ship.y * k];
      if (x < -40 || y < 0 || x > camera.width || y > camera.height) continue;
      const away = Math.hypot(x - camera.width / 2, y - camera.height / 2);
      candidates.push({ id: ship.id, x: x + aside, y, width: this.width(brush, ship.name), priority: first ? 1e6 : -away });
    }
    this.shown = chooseLabels(candidates, { max: SHIPS_MAX, shown: this.shown, taken: this.taken });
  }

  /** The name of the object under the pointer. */
  hovered(painter, { hover, stage, camera, objectNames }) {
    const thing = hover?.type === 'object' ? stage.objects.get(hover.id) : null;
    if (!thing) return;
    const { brush } = painter;
    const [x, y] = [thing.x * painter.k + painter.left, painter.top - thing.y * painter.k - objectPixels(camera.scale) * 0.5 - 8];
    brush.font = FONT;
    brush.textAlign = 'center';
    brush.fillStyle = COLOURS.label;
    brush.strokeText(objectNames(thing.kind), x, y);
    brush.fillText(objectNames(thing.kind), x, y);
  }

  /** In the font that is set; names of places and of ships are kept apart by it. */
  width(brush, text, font = FONT) {
    const kept = font === FONT ? this.widths : this.placeWidths;
    let width = kept.get(text);
    if (width === undefined) {
      if (kept.size > WIDTHS_MAX) kept.clear();
      kept.set(text, (width = brush.measureText(text).width));
    }
    return width;
  }
}
