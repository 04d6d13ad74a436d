// Marks on the picture that say what the pilot does: the own course and where it ends, the aim of a click before the server has answered, what is chosen,
// ripples where something was done, and arrows at the edge of the window to what lies outside. Used by paint.js only.

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { COLOURS } from './palette.js';

const DASH = [7, 6];
const NO_DASH = [];
const RIPPLE_MS = 600;
const EDGE = 18;
const NEAREST_RADIUS = 15;
const LABEL_FONT = '600 12px system-ui, -apple-system, "Segoe UI", sans-serif';
const LABEL_SHADOW = 'rgb(4 7 14 / 85%)';

/** The place of a ship, object, hub or gate in steps, as [x, y]; null when it is gone. Makes an array: for what is chosen, not for everything. */
export function targetOf({ stage, sector }, chosen) {
  if (!chosen) return null;
  if (chosen.type === 'ship' || chosen.type === 'object') {
    const thing = (chosen.type === 'ship' ? stage.ships : stage.objects).get(chosen.id);
    return thing ? [thing.x, thing.y] : null;
  }
  const place = (chosen.type === 'hub' ? sector?.hubs : sector?.gates)?.find(({ key }) => key === chosen.key);
  return place ? [place.at[0] * STEPS, place.at[1] * STEPS] : null;
}

export function drawCourse({ brush, k, left, top }, { own }) {
  if (!own?.moving) return;
  const [x, y] = [own.course.to[0] * k + left, top - own.course.to[1] * k];
  dashed(brush, own.x * k + left, top - own.y * k, x, y, 1.25);
  cross(brush, x, y, 6, COLOURS.own);
}

function dashed(brush, fromX, fromY, x, y, width) {
  brush.strokeStyle = COLOURS.ownSoft;
  brush.lineWidth = width;
  brush.setLineDash(DASH);
  brush.beginPath();
  brush.moveTo(fromX, fromY);
  brush.lineTo(x, y);
  brush.stroke();
  brush.setLineDash(NO_DASH);
}

function cross(brush, x, y, size, colour) {
  brush.strokeStyle = colour;
  brush.lineWidth = 1.5;
  brush.beginPath();
  brush.arc(x, y, size, 0, 2 * Math.PI);
  brush.moveTo(x - size * 1.7, y);
  brush.lineTo(x - size * 0.6, y);
  brush.moveTo(x + size * 0.6, y);
  brush.lineTo(x + size * 1.7, y);
  brush.moveTo(x, y - size * 1.7);
  brush.lineTo(x, y - size * 0.6);
  brush.moveTo(x, y + size * 0.6);
  brush.lineTo(x, y + size * 1.7);
  brush.stroke();
}

/** Where the pilot wants to fly, from the moment of the click until the ship's course goes there. */
export function drawAim({ brush, k, left, top }, { aim, own, calm }, now) {
  if (!aim) return;
  const [x, y] = [aim.x * k + left, top - aim.y * k];
  const beat = calm ? 0 : Math.sin((now - aim.since) / 110) * 2;
  cross(brush, x, y, 9 + beat, COLOURS.own);
  if (own) dashed(brush, own.x * k + left, top - own.y * k, x, y, 1);
}

export function drawChosen(painter, scene, now) {
  const { brush } = painter;
  const at = painter.screenOf(scene, scene.chosen);
  if (!at) return;
  const place = scene.chosen.type === 'hub' || scene.chosen.type === 'gate';
  const radius = (place ? 30 : 17) + (scene.calm ? 0 : Math.sin(now / 300) * 1.5);
  brush.strokeStyle = COLOURS.chosen;
  brush.lineWidth = 1.75;
  brush.beginPath();
  for (let corner = 0; corner < 4; corner += 1) {
    const angle = (corner * Math.PI) / 2 + Math.PI / 4;
    brush.moveTo(at[0] + Math.cos(angle - 0.4) * radius, at[1] + Math.sin(angle - 0.4) * radius);
    brush.arc(at[0], at[1], radius, angle - 0.4, angle + 0.4);
  }
  brush.stroke();
  const ship = scene.chosen.type === 'ship' ? scene.stage.ships.get(scene.chosen.id) : null;
  if (!ship?.moving || ship === scene.own) return;
  brush.strokeStyle = COLOURS.trail;
  brush.lineWidth = 1;
  brush.setLineDash(DASH);
  brush.beginPath();
  brush.moveTo(at[0], at[1]);
  brush.lineTo(ship.course.to[0] * painter.k + painter.left, painter.top - ship.course.to[1] * painter.k);
  brush.stroke();
  brush.setLineDash(NO_DASH);
}

/** Circles that open where something was collected or aimed at: a moment long. */
export function drawRipples({ brush, k, left, top }, { ripples, calm }, now) {
  for (let index = ripples.length - 1; index >= 0; index -= 1) {
    const ripple = ripples[index];
    const part = (now - ripple.since) / RIPPLE_MS;
    if (part >= 1 || calm) {
      ripples.splice(index, 1);
      continue;
    }
    brush.globalAlpha = 1 - part;
    brush.strokeStyle = ripple.colour;
    brush.lineWidth = 2;
    brush.beginPath();
    brush.arc(ripple.x * k + left, top - ripple.y * k, 5 + 22 * part, 0, 2 * Math.PI);
    brush.stroke();
    brush.globalAlpha = 1;
  }
}

/** The object to collect next, with how far it is: what a player who has just begun looks for. */
export function drawNearest({ brush, k, left, top }, { nearest, camera, insets }) {
  if (!nearest) return;
  const [x, y] = [nearest.at[0] * k + left, top - nearest.at[1] * k];
  if (x < 0 || y < 0 || x > camera.width || y > camera.height) return;
  brush.strokeStyle = COLOURS.own;
  brush.lineWidth = 1.25;
  brush.beginPath();
  brush.arc(x, y, NEAREST_RADIUS, 0, 2 * Math.PI);
  brush.stroke();
  // Beside the edges, or what lies over them, the words move in.
  brush.font = LABEL_FONT;
  const half = brush.measureText(nearest.text).width / 2 + 4;
  label(brush, nearest.text, Math.max(insets.left + half, Math.min(camera.width - insets.right - half, x)), y + NEAREST_RADIUS + 9, 'center', COLOURS.own);
}

function label(brush, text, x, y, align, colour) {
  brush.font = LABEL_FONT;
  brush.textAlign = align;
  brush.textBaseline = 'middle';
  brush.lineJoin = 'round';
  brush.lineWidth = 3;
  brush.strokeStyle = LABEL_SHADOW;
  brush.strokeText(text, x, y);
  brush.fillStyle = colour;
  brush.fillText(text, x, y);
}

export function drawEdgeArrows(painter, scene) {
  const { own, sector, routeGate, nearest, nearestHub } = scene;
  const [k, left, top] = [painter.k, painter.left, painter.top];
  if (nearest) arrowTo(painter, scene, nearest.at[0] * k + left, top - nearest.at[1] * k, COLOURS.own, nearest.text);
  if (nearestHub) arrowTo(painter, scene, nearestHub.at[0] * k + left, top - nearestHub.at[1] * k, COLOURS.hub, nearestHub.text);
  if (own) arrowTo(painter, scene, own.x * painter.k + painter.left, painter.top - own.y * painter.k, COLOURS.own);
  const gate = routeGate && sector?.gates.find(({ key }) => key === routeGate);
  if (gate) arrowTo(painter, scene, scene.camera.screenX(gate.at[0]), scene.camera.screenY(gate.at[1]), COLOURS.route);
  const chosen = painter.screenOf(scene, scene.chosen);
  if (chosen) arrowTo(painter, scene, chosen[0], chosen[1], COLOURS.chosen);
}

/** Nothing, when the point can be seen. `insets` are what lies over the window's edges, in pixels; `text` says what lies there and how far. */
function arrowTo({ brush }, { camera, insets }, x, y, colour, text = '') {
  if (x >= insets.left && x <= camera.width - insets.right && y >= insets.top && y <= camera.height - insets.bottom) return;
  const [cx, cy] = [camera.width / 2, camera.height / 2];
  const [low, high] = [Math.min(insets.left + EDGE, cx - EDGE), Math.max(camera.width - insets.right - EDGE, cx + EDGE)];
  const [up, down] = [Math.min(insets.top + EDGE, cy - EDGE), Math.max(camera.height - insets.bottom - EDGE, cy + EDGE)];
  const angle = Math.atan2(y - cy, x - cx);
  const across = Math.cos(angle) > 0 ? (high - cx) / Math.cos(angle) : (low - cx) / Math.cos(angle);
  const along = Math.sin(angle) > 0 ? (down - cy) / Math.sin(angle) : (up - cy) / Math.sin(angle);
  const length = Math.min(Math.abs(across), Math.abs(along));
  const [px, py] = [cx + Math.cos(angle) * length, cy + Math.sin(angle) * length];
  brush.fillStyle = colour;
  brush.beginPath();
  brush.moveTo(px + Math.cos(angle) * 12, py + Math.sin(angle) * 12);
  brush.lineTo(px + Math.cos(angle + 2.5) * 9, py + Math.sin(angle + 2.5) * 9);
  brush.lineTo(px + Math.cos(angle - 2.5) * 9, py + Math.sin(angle - 2.5) * 9);
  brush.closePath();
  brush.fill();
  if (!text) return;
  // Beside the arrow, on its inner side.
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  const align = dx > 0.4 ? 'right' : dx < -0.4 ? 'left' : 'center';
  label(brush, text, px - dx * 14, py - dy * 18, align, colour);
}
