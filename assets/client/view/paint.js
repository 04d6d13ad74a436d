// Paints the sector: ground, places, objects, ships, then what the pilot is up to. Reads what it is given, changes nothing of it, and allocates nothing per
// frame but what is chosen anew a few times a second (names).
//
//   const painter = new Painter(canvas); painter.resize(width, height, ratio)
//   painter.paint(scene, now) → number of things drawn
//
// scene: { camera, stage, sector, own (the own ship's track or null), calm, names (whether ships have names), sightUnits, collectUnits,
//          chosen ({type, id or key} or null), aim ({x, y, kind, since} in steps or null), routeGate (key or null),
//          nearest and nearestHub ({at in steps, text} or null): what the edge of the window points to when it is outside }

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { COLOURS } from './palette.js';
import { Names } from './names.js';
import { Sprites } from './sprites.js';
import { drawAim, drawChosen, drawCourse, drawEdgeArrows, drawNearest, drawRipples, targetOf } from './marks.js';

const GRID_UNITS = 100;
const GRID_PIXELS_MIN = 26;
const TRAIL_PIXELS = 24;
const PULL_SHARE = 0.85;

export const shipPixels = (scale) => Math.min(Math.max(11 + scale * 5, 13), 46);
export const objectPixels = (scale) => Math.min(Math.max(7 + scale * 5, 8), 42);
export const placePixels = (scale) => Math.min(Math.max(24 + scale * 18, 28), 150);

export class Painter {
  constructor(canvas) {
    this.brush = canvas.getContext('2d', { alpha: false });
    this.canvas = canvas;
    this.sprites = new Sprites();
    this.names = new Names();
    this.ratio = 1;
  }

  resize(width, height, ratio) {
    this.ratio = ratio;
    this.canvas.width = Math.ceil(width * ratio);
    this.canvas.height = Math.ceil(height * ratio);
    this.sprites.setRatio(ratio);
  }

  paint(scene, now) {
    const { brush } = this;
    const { camera } = scene;
    this.plain();
    brush.globalAlpha = 1;
    scene.backdrop.draw(brush, camera, scene.calm);
    // Steps to pixels: x * k + left, top - y * k.
    this.k = camera.scale / STEPS;
    this.left = camera.width / 2 - camera.x * camera.scale;
    this.top = camera.height / 2 + camera.y * camera.scale;
    this.ground(scene);
    this.rings(scene, now);
    this.places(scene, now);
    drawCourse(this, scene);
    let drawn = this.objects(scene);
    drawn += this.ships(scene);
    this.names.draw(this, scene, now);
    drawChosen(this, scene, now);
    drawAim(this, scene, now);
    drawRipples(this, scene, now);
    drawNearest(this, scene);
    drawEdgeArrows(this, scene);
    return drawn;
  }

  plain() {
    this.brush.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }

  ground({ camera }) {
    const { brush } = this;
    const side = camera.size * camera.scale;
    const [x, y] = [camera.screenX(0), camera.screenY(camera.size)];
    this.outside(camera, x, y, side);
    brush.lineWidth = 1;
    const step = GRID_UNITS * camera.scale;
    if (step >= GRID_PIXELS_MIN) {
      brush.strokeStyle = COLOURS.grid;
      brush.beginPath();
      const right = Math.min(camera.width, x + side);
      const bottom = Math.min(camera.height, y + side);
      for (let at = x + Math.max(0, Math.ceil(-x / step)) * step; at <= right; at += step) {
        brush.moveTo(at, Math.max(0, y));
        brush.lineTo(at, bottom);
      }
      for (let at = y + side - Math.max(0, Math.ceil((y + side - camera.height) / step)) * step; at >= Math.max(0, y); at -= step) {
        brush.moveTo(Math.max(0, x), at);
        brush.lineTo(right, at);
      }
      brush.stroke();
    }
    brush.strokeStyle = COLOURS.border;
    brush.strokeRect(x, y, side, side);
  }

  /** What lies beyond the sector's border is darker: no ship gets there. */
  outside({ width, height }, x, y, side) {
    if (x <= 0 && y <= 0 && x + side >= width && y + side >= height) return;
    const { brush } = this;
    brush.fillStyle = COLOURS.outside;
    if (x > 0) brush.fillRect(0, 0, x, height);
    if (x + side < width) brush.fillRect(x + side, 0, width - x - side, height);
    const left = Math.max(0, x);
    const across = Math.min(width, x + side) - left;
    if (y > 0) brush.fillRect(left, 0, across, y);
    if (y + side < height) brush.fillRect(left, y + side, across, height - y - side);
  }

  /** How far the own ship sees and collects. */
  rings({ own, camera, sightUnits, collectUnits }) {
    if (!own) return;
    const { brush } = this;
    const [x, y] = [own.x * this.k + this.left, this.top - own.y * this.k];
    brush.lineWidth = 1;
    brush.strokeStyle = COLOURS.sight;
    brush.beginPath();
    brush.arc(x, y, sightUnits * camera.scale, 0, 2 * Math.PI);
    brush.stroke();
    if (collectUnits * camera.scale < 14) return;
    brush.strokeStyle = COLOURS.ownFaint;
    brush.beginPath();
    brush.arc(x, y, collectUnits * camera.scale, 0, 2 * Math.PI);
    brush.stroke();
  }

  places(scene, now) {
    const { sector, camera } = scene;
    if (!sector) return;
    const sheet = this.sprites.sheet(placePixels(camera.scale));
    const turn = scene.calm ? 0 : now / 9000;
    for (const hub of sector.hubs) this.place(hub, camera, sheet.hub(), sheet.size, turn, COLOURS.hubSoft, COLOURS.hubFaint);
    for (const gate of sector.gates) {
      const onRoute = gate.key === scene.routeGate;
      this.place(gate, camera, sheet.gate(), sheet.size, -2 * turn, onRoute ? COLOURS.route : COLOURS.gateSoft, COLOURS.gateFaint);
    }
  }

  place(place, camera, image, size, angle, line, fill) {
    const [x, y] = [camera.screenX(place.at[0]), camera.screenY(place.at[1])];
    const range = place.range_units * camera.scale;
    const reach = Math.max(range, size);
    if (x < -reach || y < -reach || x > camera.width + reach || y > camera.height + reach) return;
    const { brush } = this;
    brush.beginPath();
    brush.arc(x, y, range, 0, 2 * Math.PI);
    brush.fillStyle = fill;
    brush.fill();
    brush.strokeStyle = line;
    brush.lineWidth = 1.25;
    brush.stroke();
    this.stamp(image, x, y, size, angle);
    this.plain();
  }

  /** Copies a picture, turned: for the few things that turn smoothly. Leaves the transform changed; plain() sets it back. */
  stamp(image, x, y, size, angle) {
    const { brush, ratio } = this;
    const [cos, sin] = [Math.cos(angle) * ratio, Math.sin(angle) * ratio];
    brush.setTransform(cos, sin, -sin, cos, x * ratio, y * ratio);
    brush.drawImage(image, -size / 2, -size / 2, size, size);
  }

  objects({ camera, stage, own }) {
    const { brush, k, left, top } = this;
    const sheet = this.sprites.sheet(objectPixels(camera.scale));
    const edge = sheet.size / 2;
    let drawn = 0;
    for (const thing of stage.objects.values()) {
      let x = thing.x * k + left;
      let y = top - thing.y * k;
      if (thing.gone && thing.pulled && own) {
        const way = (1 - thing.alpha) * PULL_SHARE;
        x += (own.x * k + left - x) * way;
        y += (top - own.y * k - y) * way;
      }
      if (x < -edge || y < -edge || x > camera.width + edge || y > camera.height + edge) continue;
      if (brush.globalAlpha !== thing.alpha) brush.globalAlpha = thing.alpha;
      const size = sheet.size * (0.6 + 0.4 * thing.alpha);
      brush.drawImage(sheet.object(thing.kind, thing.angle), x - size / 2, y - size / 2, size, size);
      drawn += 1;
    }
    brush.globalAlpha = 1;
    return drawn;
  }

  ships({ camera, stage, own }) {
    const { brush, k, left, top } = this;
    const sheet = this.sprites.sheet(shipPixels(camera.scale));
    const edge = sheet.size + TRAIL_PIXELS;
    this.trails(stage, camera, own, sheet.size);
    let drawn = 0;
    for (const ship of stage.ships.values()) {
      if (ship === own) continue;
      const x = ship.x * k + left;
      const y = top - ship.y * k;
      if (x < -edge || y < -edge || x > camera.width + edge || y > camera.height + edge) continue;
      if (brush.globalAlpha !== ship.alpha) brush.globalAlpha = ship.alpha;
      brush.drawImage(sheet.ship(ship.kind, ship.angle), x - sheet.size / 2, y - sheet.size / 2, sheet.size, sheet.size);
      drawn += 1;
    }
    brush.globalAlpha = 1;
    return drawn + this.ownShip(own, camera);
  }

  /** All trails are one path: a wedge for each ship that flies. */
  trails(stage, camera, own, size) {
    const { brush, k, left, top } = this;
    const length = size / 2 + TRAIL_PIXELS;
    brush.beginPath();
    for (const ship of stage.ships.values()) {
      if (!ship.moving || ship === own || ship.alpha < 0.5) continue;
      const x = ship.x * k + left;
      const y = top - ship.y * k;
      if (x < -length || y < -length || x > camera.width + length || y > camera.height + length) continue;
      this.wedge(x, y, ship.angle, size, length);
    }
    brush.fillStyle = COLOURS.trail;
    brush.fill();
  }

  wedge(x, y, angle, size, length) {
    const { brush } = this;
    const dx = Math.cos(angle);
    const dy = -Math.sin(angle);
    const wide = size / 10;
    brush.moveTo(x - dx * size * 0.3 - dy * wide, y - dy * size * 0.3 + dx * wide);
    brush.lineTo(x - dx * length, y - dy * length);
    brush.lineTo(x - dx * size * 0.3 + dy * wide, y - dy * size * 0.3 - dx * wide);
  }

  ownShip(own, camera) {
    if (!own) return 0;
    const { brush } = this;
    const [x, y] = [own.x * this.k + this.left, this.top - own.y * this.k];
    const sheet = this.sprites.sheet(shipPixels(camera.scale) * 1.25);
    const halo = this.sprites.sheet(sheet.size * 2.6);
    brush.globalAlpha = own.alpha;
    this.stamp(halo.halo(), x, y, halo.size, 0);
    if (own.moving) {
      this.plain();
      brush.beginPath();
      this.wedge(x, y, own.angle, sheet.size, sheet.size * 0.6 + TRAIL_PIXELS * 1.4);
      brush.fillStyle = COLOURS.ownSoft;
      brush.fill();
    }
    this.stamp(sheet.ownShip(own.kind), x, y, sheet.size, -own.angle);
    this.plain();
    brush.globalAlpha = 1;
    return 1;
  }

  /** Where something that can be chosen is on the screen, or null when it is not there. */
  screenOf(scene, chosen) {
    const at = targetOf(scene, chosen);
    return at ? [at[0] * this.k + this.left, this.top - at[1] * this.k] : null;
  }
}
