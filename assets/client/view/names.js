// Names on the picture: of hubs and gates always, of ships as many as have room. Which ships, is chosen a few times a second; where, each frame.
// Each name is written once, with its dark edge, and then copied.

import { chooseLabels, freeRow } from './labels.js';
import { COLOURS } from './palette.js';
import { objectPixels, placePixels, shipPixels } from './paint.js';

const FONT = '500 11px system-ui, -apple-system, "Segoe UI", sans-serif';
const PLACE_FONT = '600 12px system-ui, -apple-system, "Segoe UI", sans-serif';
const CHOOSE_EVERY_MS = 250;
const SHIPS_MAX = 70;
/** Names kept of each colour. */
const WRITTEN_MAX = 1500;
/** Farther out than this only the own name is shown, in pixels per unit. */
const SCALE_MIN = 0.55;
const SHADOW = 'rgb(4 7 14 / 85%)';

/** Room around a name for its edge, in CSS pixels. */
const PAD = 3;
const HEIGHT = 20;
/** The own ship is drawn larger. */
const OWN_ASIDE = 4;

export class Names {
  constructor() {
    this.shown = new Set();
    this.chosenAt = Number.NEGATIVE_INFINITY;
    this.taken = [];
    this.ownShift = 0;
    this.ratio = 1;
    this.written = new Map([COLOURS.label, COLOURS.own, COLOURS.hub, COLOURS.gate, COLOURS.route].map((colour) => [colour, new Map()]));
    this.rule = document.createElement('canvas').getContext('2d');
  }

  draw(painter, scene, now) {
    if (this.ratio !== painter.ratio) {
      this.ratio = painter.ratio;
      for (const texts of this.written.values()) texts.clear();
    }
    const { brush } = painter;
    this.places(brush, scene);
    if (now - this.chosenAt > CHOOSE_EVERY_MS) {
      this.choose(painter, scene);
      this.chosenAt = now;
    }
    const aside = shipPixels(scene.camera.scale) * 0.62 + 3;
    for (const id of this.shown) {
      const ship = scene.stage.ships.get(id);
      if (!ship) continue;
      const own = ship === scene.own;
      const x = ship.x * painter.k + painter.left + aside + (own ? OWN_ASIDE : 0);
      brush.globalAlpha = ship.alpha;
      this.put(brush, this.text(ship.name, own ? COLOURS.own : COLOURS.label, FONT), x, painter.top - ship.y * painter.k + (own ? this.ownShift : 0));
    }
    brush.globalAlpha = 1;
    this.hovered(painter, scene);
  }

  /** On whole pixels, so that the letters stay sharp. */
  put(brush, image, x, y) {
    const { ratio } = this;
    brush.drawImage(image, Math.round((x - PAD) * ratio) / ratio, Math.round((y - HEIGHT / 2) * ratio) / ratio, image.width / ratio, HEIGHT);
  }

  places(brush, { sector, camera, placeNames, routeGate }) {
    this.taken.length = 0;
    if (!sector) return;
    const below = placePixels(camera.scale) / 2 + 10;
    for (const hub of sector.hubs) this.place(brush, camera, hub, placeNames.get(hub.key), COLOURS.hub, below);
    for (const gate of sector.gates) this.place(brush, camera, gate, placeNames.get(gate.key), gate.key === routeGate ? COLOURS.route : COLOURS.gate, below);
  }

  place(brush, camera, place, name, colour, below) {
    const x = camera.screenX(place.at[0]);
    const y = camera.screenY(place.at[1]) + below;
    if (x < -100 || y < -20 || x > camera.width + 100 || y > camera.height + 20) return;
    const image = this.text(name, colour, PLACE_FONT);
    const width = image.width / this.ratio - 2 * PAD;
    this.taken.push({ x: x - width / 2, y, width });
    this.put(brush, image, x - width / 2, y);
  }

  choose({ k, left, top }, { stage, camera, own, chosen, names }) {
    const candidates = [];
    const aside = shipPixels(camera.scale) * 0.62 + 3;
    for (const ship of stage.ships.values()) {
      const first = ship === own || (chosen?.type === 'ship' && chosen.id === ship.id);
      if (!first && (!names || camera.scale < SCALE_MIN)) continue;
      const x = ship.x * k + left;
      const y = top - ship.y * k;
      if (x < -40 || y < 0 || x > camera.width || y > camera.height) continue;
      const away = Math.hypot(x - camera.width / 2, y - camera.height / 2);
      const width = this.text(ship.name, ship === own ? COLOURS.own : COLOURS.label, FONT).width / this.ratio - 2 * PAD;
      const box = { id: ship.id, x: x + aside + (ship === own ? OWN_ASIDE : 0), y, width, priority: first ? 1e6 : -away, always: ship === own };
      // The own name is there always, and gives way to the names of hubs and gates by going up or down.
      if (ship === own) box.y += this.ownShift = freeRow(this.taken, box);
      candidates.push(box);
    }
    this.shown = chooseLabels(candidates, { max: SHIPS_MAX, shown: this.shown, taken: this.taken });
  }

  /** The name of the object under the pointer. */
  hovered(painter, { hover, stage, camera, objectNames }) {
    const thing = hover?.type === 'object' ? stage.objects.get(hover.id) : null;
    if (!thing) return;
    const image = this.text(objectNames(thing.kind), COLOURS.label, FONT);
    const y = painter.top - thing.y * painter.k - objectPixels(camera.scale) * 0.5 - 8;
    this.put(painter.brush, image, thing.x * painter.k + painter.left - image.width / this.ratio / 2 + PAD, y);
  }

  text(text, colour, font) {
    const texts = this.written.get(colour);
    return texts.get(text) ?? this.write(texts, text, colour, font);
  }

  write(texts, text, colour, font) {
    if (texts.size >= WRITTEN_MAX) texts.clear();
    this.rule.font = font;
    const width = this.rule.measureText(text).width + 2 * PAD;
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(width * this.ratio);
    canvas.height = HEIGHT * this.ratio;
    const brush = canvas.getContext('2d');
    brush.scale(this.ratio, this.ratio);
    brush.font = font;
    brush.textBaseline = 'middle';
    brush.lineJoin = 'round';
    brush.lineWidth = 3;
    brush.strokeStyle = SHADOW;
    brush.fillStyle = colour;
    brush.strokeText(text, PAD, HEIGHT / 2);
    brush.fillText(text, PAD, HEIGHT / 2);
    texts.set(text, canvas);
    return canvas;
  }
}
