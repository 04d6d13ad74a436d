// Pictures of ships, objects, hubs and gates, drawn once for each size and then only copied. Sizes come in steps, so that zooming makes few of them.
//
//   const sprites = new Sprites(); sprites.setRatio(devicePixelRatio)
//   const sheet = sprites.sheet(pixels)    pixels: the size wanted, in CSS pixels; sheet.size is the step taken
//   sheet.object(kind), sheet.ship(kind), sheet.ownShip(kind), sheet.hub(), sheet.gate(), sheet.halo()   canvases of sheet.size CSS pixels

import { COLOURS, objectLook } from './palette.js';
import { OBJECT_SHAPES, drawGate, drawHub, drawShip } from './shapes.js';

const STEP = 1.12;
/** More sizes than these are in use only after much zooming; then all are drawn anew. */
const SHEETS_MAX = 40;
/** The picture is a little smaller than its canvas, so that edges and glows are not cut. */
const MARGIN = 0.9;

class Sheet {
  constructor(size, ratio) {
    this.size = size;
    this.ratio = ratio;
    this.objects = new Map();
    this.ships = new Map();
    this.ownShips = new Map();
    this.single = new Map();
  }

  object(kind) {
    return this.objects.get(kind) ?? this.keep(this.objects, kind, (brush) => {
      const [shape, fill, edge] = objectLook(kind);
      OBJECT_SHAPES[shape](brush, fill, edge);
    });
  }

  ship(kind) {
    return this.ships.get(kind) ?? this.keep(this.ships, kind, (brush) => drawShip(brush, kind, '#3d5f8f', COLOURS.ship));
  }

  ownShip(kind) {
    return this.ownShips.get(kind) ?? this.keep(this.ownShips, kind, (brush) => drawShip(brush, kind, '#a05f10', COLOURS.own));
  }

  hub() {
    return this.single.get('hub') ?? this.keep(this.single, 'hub', (brush) => drawHub(brush, COLOURS.hub));
  }

  gate() {
    return this.single.get('gate') ?? this.keep(this.single, 'gate', (brush) => drawGate(brush, COLOURS.gate));
  }

  halo() {
    return this.single.get('halo') ?? this.keep(this.single, 'halo', (brush) => {
      const gradient = brush.createRadialGradient(0, 0, 0, 0, 0, 0.5);
      gradient.addColorStop(0, 'rgb(255 196 107 / 40%)');
      gradient.addColorStop(1, 'rgb(255 196 107 / 0%)');
      brush.fillStyle = gradient;
      brush.fillRect(-0.5, -0.5, 1, 1);
    });
  }

  keep(map, key, draw) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = Math.max(2, Math.ceil(this.size * this.ratio));
    const brush = canvas.getContext('2d');
    const scale = canvas.width * MARGIN;
    brush.setTransform(scale, 0, 0, scale, canvas.width / 2, canvas.height / 2);
    draw(brush);
    map.set(key, canvas);
    return canvas;
  }
}

export class Sprites {
  constructor() {
    this.ratio = 1;
    this.sheets = new Map();
  }

  setRatio(ratio) {
    if (ratio === this.ratio) return;
    this.ratio = ratio;
    this.sheets.clear();
  }

  sheet(pixels) {
    const step = Math.round(Math.log(Math.max(4, pixels)) / Math.log(STEP));
    let sheet = this.sheets.get(step);
    if (!sheet) {
      if (this.sheets.size >= SHEETS_MAX) this.sheets.clear();
      this.sheets.set(step, (sheet = new Sheet(Math.round(STEP ** step), this.ratio)));
    }
    return sheet;
  }
}
