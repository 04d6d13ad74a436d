// Pictures of ships, objects, hubs and gates, drawn once for each size and direction and then only copied: turning a picture while it is copied costs
// several times as much where no graphics card helps. Sizes and directions come in steps, so that zooming and turning make few of them.
//
//   const sprites = new Sprites(); sprites.setRatio(devicePixelRatio)
//   const sheet = sprites.sheet(pixels)    pixels: the size wanted, in CSS pixels; sheet.size is the step taken
//   sheet.object(kind, angle), sheet.ship(kind, angle), sheet.ownShip(kind), sheet.hub(), sheet.gate(), sheet.halo()   canvases of sheet.size CSS pixels;
//                                          angles counter-clockwise; what has none looks to the right

import { COLOURS, objectLook } from './palette.js';
import { OBJECT_SHAPES, drawGate, drawHub, drawShip } from './shapes.js';

const TURN = 2 * Math.PI;
/** Directions of a ship, and of an object, which never turns. */
const SHIP_TURNS = 96;
const OBJECT_TURNS = 8;
const STEP = 1.12;
/** More sizes than these are in use only after much zooming; then all are drawn anew. */
const SHEETS_MAX = 24;
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

  object(kind, angle) {
    return turned(this.objects, kind, angle, OBJECT_TURNS) ?? this.keepTurned(this.objects, kind, angle, OBJECT_TURNS, (brush) => {
      const [shape, fill, edge] = objectLook(kind);
      OBJECT_SHAPES[shape](brush, fill, edge);
    });
  }

  ship(kind, angle) {
    return turned(this.ships, kind, angle, SHIP_TURNS) ?? this.keepTurned(this.ships, kind, angle, SHIP_TURNS, (brush) => drawShip(brush, kind, '#3d5f8f', COLOURS.ship));
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
    const canvas = this.picture(0, draw);
    map.set(key, canvas);
    return canvas;
  }

  keepTurned(map, kind, angle, turns, draw) {
    if (!map.has(kind)) map.set(kind, new Array(turns).fill(undefined));
    const step = stepOf(angle, turns);
    const canvas = this.picture((step / turns) * TURN, draw);
    map.get(kind)[step] = canvas;
    return canvas;
  }

  picture(angle, draw) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = Math.max(2, Math.ceil(this.size * this.ratio));
    const brush = canvas.getContext('2d');
    const scale = canvas.width * MARGIN;
    brush.setTransform(scale, 0, 0, scale, canvas.width / 2, canvas.height / 2);
    brush.rotate(-angle);
    draw(brush);
    return canvas;
  }
}

function stepOf(angle, turns) {
  const step = Math.round((angle / TURN) * turns) % turns;
  return step < 0 ? step + turns : step;
}

const turned = (map, kind, angle, turns) => map.get(kind)?.[stepOf(angle, turns)];

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
