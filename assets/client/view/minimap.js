// The whole sector in a corner: hubs, gates, where things are found, the own ship with its course, ships in sight, and the part that the window shows. A click flies there.
//
//   const map = createMinimap({ onFly([x, y] in steps) }); map.element
//   map.setSector(sector); map.draw(scene)     scene as in paint.js; a few times a second

import { STEPS_PER_UNIT as STEPS } from '../orrery.js';
import { h } from '../ui/dom.js';
import { COLOURS, objectLook } from './palette.js';

const PAD = 6;

export function createMinimap({ onFly }) {
  const ground = document.createElement('canvas');
  const canvas = h('canvas', { class: 'minimap__canvas', role: 'img', 'aria-label': 'Map of the sector. The same is in the list “In sight”.' });
  const title = h('span', { class: 'minimap__title' });
  const element = h('div', { class: 'minimap view-card' }, title, canvas);
  const brush = canvas.getContext('2d');
  let sector = null;
  let side = 0;
  let ratio = 1;
  new ResizeObserver(fit).observe(canvas);
  canvas.addEventListener('click', (event) => {
    if (!sector) return;
    const box = canvas.getBoundingClientRect();
    const part = (pixels) => Math.min(Math.max((pixels - PAD) / (side - 2 * PAD), 0), 1) * sector.size_units * STEPS;
    onFly([part(event.clientX - box.left), sector.size_units * STEPS - part(event.clientY - box.top)]);
  });

  function fit() {
    side = canvas.clientWidth;
    ratio = Math.min(window.devicePixelRatio || 1, 2);
    for (const each of [canvas, ground]) each.width = each.height = Math.max(1, Math.round(side * ratio));
    paintGround();
  }

  const x = (units) => PAD + (units / sector.size_units) * (side - 2 * PAD);
  const y = (units) => side - x(units);

  /** What does not move: painted once. */
  function paintGround() {
    if (!sector || side === 0) return;
    const under = ground.getContext('2d');
    under.setTransform(ratio, 0, 0, ratio, 0, 0);
    under.clearRect(0, 0, side, side);
    for (const { kind, center, radius_units } of sector.spawns ?? []) {
      under.globalAlpha = 0.07;
      under.fillStyle = objectLook(kind)[2];
      under.beginPath();
      under.arc(x(center[0]), y(center[1]), (radius_units / sector.size_units) * (side - 2 * PAD), 0, 2 * Math.PI);
      under.fill();
    }
    under.globalAlpha = 1;
    under.strokeStyle = COLOURS.border;
    under.strokeRect(PAD + 0.5, PAD + 0.5, side - 2 * PAD - 1, side - 2 * PAD - 1);
    under.fillStyle = COLOURS.hub;
    for (const hub of sector.hubs) under.fillRect(x(hub.at[0]) - 3, y(hub.at[1]) - 3, 6, 6);
    for (const gate of sector.gates) diamond(under, x(gate.at[0]), y(gate.at[1]), 4.5, COLOURS.gate);
  }

  function draw({ camera, stage, own, chosen, routeGate, aim }) {
    if (!sector || side === 0) return;
    brush.setTransform(1, 0, 0, 1, 0, 0);
    brush.clearRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(ground, 0, 0);
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.fillStyle = COLOURS.ship;
    for (const ship of stage.ships.values()) if (ship !== own) brush.fillRect(x(ship.x / STEPS) - 0.75, y(ship.y / STEPS) - 0.75, 1.5, 1.5);
    const gate = routeGate && sector.gates.find(({ key }) => key === routeGate);
    if (gate) ring(gate.at, 8, COLOURS.route);
    const place = chosen?.key && [...sector.hubs, ...sector.gates].find(({ key }) => key === chosen.key);
    if (place) ring(place.at, 7, COLOURS.chosen);
    frame(camera);
    if (own) ownShip(own, aim);
  }

  function ring([unitsX, unitsY], radius, colour) {
    brush.strokeStyle = colour;
    brush.lineWidth = 1.5;
    brush.beginPath();
    brush.arc(x(unitsX), y(unitsY), radius, 0, 2 * Math.PI);
    brush.stroke();
  }

  function frame(camera) {
    const [left, right] = [camera.worldX(0), camera.worldX(camera.width)].map((value) => x(Math.min(Math.max(value, 0), sector.size_units)));
    const [low, high] = [camera.worldY(camera.height), camera.worldY(0)].map((value) => y(Math.min(Math.max(value, 0), sector.size_units)));
    brush.strokeStyle = 'rgb(220 235 255 / 60%)';
    brush.lineWidth = 1;
    brush.strokeRect(left, high, right - left, low - high);
  }

  function ownShip(own, aim) {
    const [atX, atY] = [x(own.x / STEPS), y(own.y / STEPS)];
    const to = aim ? [aim.x, aim.y] : own.moving ? own.course.to : null;
    if (to) {
      brush.strokeStyle = COLOURS.ownSoft;
      brush.lineWidth = 1;
      brush.beginPath();
      brush.moveTo(atX, atY);
      brush.lineTo(x(to[0] / STEPS), y(to[1] / STEPS));
      brush.stroke();
    }
    brush.fillStyle = COLOURS.own;
    brush.beginPath();
    brush.arc(atX, atY, 3.2, 0, 2 * Math.PI);
    brush.fill();
  }

  return {
    element,
    draw,
    setSector(next) {
      sector = next;
      title.textContent = sector?.name ?? '';
      fit();
    },
  };
}

function diamond(brush, x, y, size, colour) {
  brush.fillStyle = colour;
  brush.beginPath();
  brush.moveTo(x, y - size);
  brush.lineTo(x + size, y);
  brush.lineTo(x, y + size);
  brush.lineTo(x - size, y);
  brush.closePath();
  brush.fill();
}
