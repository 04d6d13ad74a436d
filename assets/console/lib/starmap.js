// The live map of one world on a canvas: ships fly at the display's rate between two pictures. Used by screens/galaxy.js.
//
//   const map = createStarmap({onSelect: (player | null) => …, onReading: ({x, y}) => …, names});     names: Map of worlds' names by key
//   map.element; map.take(picture); map.setOverlay('entities' | 'subscribers' | 'bytes_per_s' | null); map.select(player); map.follow(true); map.stop()

import { h } from './dom.js';
import { compact } from './format.js';
import { MovingPicture } from './picture.js';
import { Viewport } from './viewport.js';

const SHIP = '#e9eef6';
const RESTING = '#8fa0b8';
const HUB = '#7fd6a4';
const GATE = '#c9a2ff';
const OBJECT = '#8a6f4d';
const CHOSEN = '#ffd166';
const LABEL = '#c6d0de';
const LINE = 'rgb(140 160 190 / 22%)';
const NAMES_FROM_PIXELS = 90;
const FIGURES_FROM_PIXELS = 34;

/** The overlay's colour for a share 0..1: from deep blue to yellow. */
export const heat = (share) => `hsl(${Math.round(230 - 180 * share)} 85% ${Math.round(30 + 25 * share)}% / ${Math.round(25 + 45 * share)}%)`;

export function createStarmap({ onSelect, onReading, names }) {
  const canvas = h('canvas', { class: 'starmap', tabindex: '0', role: 'application', 'aria-label': 'Map of the world. Arrow keys move, plus and minus zoom, 0 shows all, N and P choose a ship, F follows it, Enter opens its player. The table below lists the same ships.' });
  const brush = canvas.getContext('2d');
  const moving = new MovingPicture();
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  const view = new Viewport(canvas, { onPick: pick, onChange: () => draw(performance.now()) });
  const state = { overlay: null, chosen: null, follow: false, stopped: false, frame: null, most: 0 };
  const resized = new ResizeObserver(fitCanvas);
  resized.observe(canvas);
  canvas.addEventListener('keydown', key);

  function fitCanvas() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    view.fit();
  }

  function take(picture) {
    moving.take(picture, performance.now());
    view.setWorld(picture.size_units);
    state.most = Math.max(0, ...picture.cells.map((cell) => cell[state.overlay] ?? 0));
    if (state.frame === null && !state.stopped) tick(performance.now());
  }

  function tick(now) {
    state.frame = null;
    if (state.stopped) return;
    draw(now);
    // Who asked for less motion sees the pictures one by one, as the server gives them.
    if (!calm.matches) state.frame = requestAnimationFrame(tick);
  }

  function draw(now) {
    const { picture } = moving;
    brush.fillStyle = '#0b1018';
    brush.fillRect(0, 0, view.width, view.height);
    if (!picture) return;
    const chosen = state.chosen && moving.ship(state.chosen);
    if (chosen) {
      const at = moving.position(chosen, now);
      onReading(at);
      if (state.follow) view.middle = at;
    }
    if (state.overlay) drawOverlay(picture);
    drawGrid(picture);
    for (const object of picture.objects) dot(object, OBJECT, 1.6);
    for (const gate of picture.gates) place(gate, GATE, names.get(gate.to) ?? gate.to, 'diamond');
    for (const hub of picture.hubs) place(hub, HUB, hub.name, 'square');
    drawShips(picture, now);
    if (chosen) drawChosen(chosen, now);
  }

  function drawOverlay(picture) {
    const side = picture.cell_units * view.scale;
    brush.font = '10px system-ui, sans-serif';
    brush.textAlign = 'center';
    for (const cell of picture.cells) {
      const value = cell[state.overlay];
      if (!value) continue;
      const corner = view.toScreen({ x: cell.cx * picture.cell_units, y: (cell.cy + 1) * picture.cell_units });
      if (corner.x > view.width || corner.y > view.height || corner.x + side < 0 || corner.y + side < 0) continue;
      brush.fillStyle = heat(value / Math.max(1, state.most));
      brush.fillRect(corner.x, corner.y, side, side);
      if (side < FIGURES_FROM_PIXELS) continue;
      brush.fillStyle = LABEL;
      brush.fillText(compact(value), corner.x + side / 2, corner.y + side - 4);
    }
  }

  function drawGrid(picture) {
    const side = picture.cell_units;
    const corner = view.toScreen({ x: 0, y: picture.size_units });
    const across = picture.size_units * view.scale;
    brush.strokeStyle = LINE;
    brush.lineWidth = 1;
    brush.beginPath();
    for (let at = 0; side * view.scale > 5 && at <= picture.size_units; at += side) {
      const { x, y } = view.toScreen({ x: at, y: at });
      brush.moveTo(x, corner.y);
      brush.lineTo(x, corner.y + across);
      brush.moveTo(corner.x, y);
      brush.lineTo(corner.x + across, y);
    }
    brush.stroke();
    brush.strokeRect(corner.x, corner.y, across, across);
  }

  function dot(point, colour, radius) {
    const { x, y } = view.toScreen(point);
    if (x < -5 || y < -5 || x > view.width + 5 || y > view.height + 5) return;
    brush.fillStyle = colour;
    brush.fillRect(x - radius, y - radius, radius * 2, radius * 2);
  }

  function place(point, colour, name, shape) {
    const { x, y } = view.toScreen(point);
    brush.strokeStyle = colour;
    brush.lineWidth = 1.5;
    brush.save();
    brush.translate(x, y);
    if (shape === 'diamond') brush.rotate(Math.PI / 4);
    brush.strokeRect(-5, -5, 10, 10);
    brush.restore();
    brush.fillStyle = colour;
    brush.font = '11px system-ui, sans-serif';
    brush.textAlign = 'center';
    brush.fillText(name, x, y - 11);
  }

  function drawShips(picture, now) {
    const named = picture.ships.length > 0 && view.scale * picture.cell_units > NAMES_FROM_PIXELS;
    brush.font = '10px system-ui, sans-serif';
    brush.textAlign = 'left';
    for (const ship of picture.ships) {
      const { x, y } = view.toScreen(moving.position(ship, now));
      if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
      brush.fillStyle = ship.vx || ship.vy ? SHIP : RESTING;
      arrow(x, y, ship);
      if (!named) continue;
      brush.fillStyle = LABEL;
      brush.fillText(ship.name, x + 7, y + 3);
    }
  }

  /** A ship under way points to where it flies; a resting one is a dot. */
  function arrow(x, y, { vx, vy }) {
    brush.beginPath();
    if (vx || vy) {
      const length = Math.hypot(vx, vy);
      const [dx, dy] = [vx / length, -vy / length];
      brush.moveTo(x + dx * 5, y + dy * 5);
      brush.lineTo(x - dx * 4 - dy * 3, y - dy * 4 + dx * 3);
      brush.lineTo(x - dx * 4 + dy * 3, y - dy * 4 - dx * 3);
      brush.closePath();
    } else {
      brush.arc(x, y, 2.5, 0, 2 * Math.PI);
    }
    brush.fill();
  }

  function drawChosen(ship, now) {
    const { x, y } = view.toScreen(moving.position(ship, now));
    brush.strokeStyle = CHOSEN;
    brush.lineWidth = 2;
    brush.beginPath();
    brush.arc(x, y, 9, 0, 2 * Math.PI);
    brush.stroke();
    brush.globalAlpha = 0.35;
    brush.lineWidth = 1;
    brush.beginPath();
    brush.arc(x, y, moving.picture.interest_radius_units * view.scale, 0, 2 * Math.PI);
    brush.stroke();
    brush.globalAlpha = 1;
    brush.fillStyle = CHOSEN;
    brush.font = '600 12px system-ui, sans-serif';
    brush.textAlign = 'left';
    brush.fillText(ship.name, x + 13, y + 4);
  }

  function nearest(point, now) {
    const away = (ship) => {
      const at = moving.position(ship, now);
      return Math.hypot(at.x - point.x, at.y - point.y);
    };
    return (moving.picture?.ships ?? []).map((ship) => ({ ship, distance: away(ship) })).sort((left, right) => left.distance - right.distance);
  }

  function pick(point, reach) {
    const [best] = nearest(point, performance.now());
    select(best && best.distance <= reach ? best.ship.player : null);
  }

  function select(player) {
    state.chosen = player;
    if (!player) state.follow = false;
    onSelect(player);
    draw(performance.now());
  }

  /** N and P go through the ships by their distance from the middle of what is shown, as it was when the first was chosen. */
  function step(by) {
    if (!state.chosen || !state.order?.includes(state.chosen)) state.order = nearest(view.middle, performance.now()).map(({ ship }) => ship.player);
    if (state.order.length === 0) return;
    const at = state.order.indexOf(state.chosen);
    select(state.order[(at + by + state.order.length) % state.order.length]);
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      n: () => step(1), p: () => step(-1), f: () => { state.follow = Boolean(state.chosen) && !state.follow; }, Escape: () => select(null),
      Enter: () => { if (state.chosen) location.hash = `/players/${state.chosen}`; },
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  return {
    element: canvas, take, select, moving,
    fit: () => view.fit(),
    zoom: (factor) => view.zoom(factor),
    show: (player) => {
      const ship = moving.ship(player);
      if (!ship) return;
      view.scale = Math.max(view.scale, view.fitScale * 6);
      view.centre(moving.position(ship, performance.now()));
      select(player);
    },
    setOverlay: (name) => {
      state.overlay = name;
      state.most = Math.max(0, ...(moving.picture?.cells ?? []).map((cell) => cell[name] ?? 0));
      draw(performance.now());
      return state.most;
    },
    most: () => state.most,
    setFollow: (on) => { state.follow = on; },
    stop: () => {
      state.stopped = true;
      resized.disconnect();
      if (state.frame !== null) cancelAnimationFrame(state.frame);
    },
  };
}
