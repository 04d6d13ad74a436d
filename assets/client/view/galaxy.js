// The map of the galaxy in a dialog: all sectors and the gates between them, what each has, and the way to one of them. The sectors are buttons, so keys reach them.
//
//   openGalaxy(game, { target, onRoute(sectorKey | null), onGo(gate) }) → the dialog of ui/dialog.js

import { button, fill, h, svg } from '../ui/dom.js';
import { count } from '../ui/format.js';
import { openDialog } from '../ui/dialog.js';
import { gateLine, layout, route } from './route.js';

const WIDTH = 560;
const HEIGHT = 400;
const PAD_X = 78;
const PAD_Y = 46;

export function openGalaxy(game, { target, onRoute, onGo }) {
  const { sectors } = game.catalog;
  const here = game.client.world?.key ?? null;
  const places = layout(sectors);
  const map = h('div', { class: 'galaxy__map' });
  const about = h('div', { class: 'galaxy__about', 'aria-live': 'polite' });
  const dialog = openDialog({ title: 'Map of the galaxy', body: [h('div', { class: 'galaxy' }, map, about)], size: 'galaxy' });
  const x = (key) => PAD_X + places.get(key).x * (WIDTH - 2 * PAD_X);
  const y = (key) => HEIGHT - PAD_Y - places.get(key).y * (HEIGHT - 2 * PAD_Y);
  const nodes = new Map();
  let shown = target ?? here ?? Object.keys(sectors)[0];

  function draw() {
    const way = new Set((here && route(sectors, here, target ?? here)) ?? []);
    const stars = Object.keys(sectors).map((key) => ({ key, x: x(key), y: y(key) }));
    const lines = Object.values(sectors).flatMap((sector) => sector.gates.filter((gate) => sectors[gate.to_sector]).map((gate) => svg('path', {
      d: gateLine(stars, sector.key, gate.to_sector), class: way.has(gate) ? 'galaxy__gate galaxy__gate--route' : 'galaxy__gate',
    })));
    // The way lies over the other lines: each gate is drawn from both its ends.
    lines.sort((left, right) => left.classList.length - right.classList.length);
    nodes.clear();
    fill(map, svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'galaxy__lines', 'aria-hidden': 'true', preserveAspectRatio: 'none' }, lines),
      Object.values(sectors).sort((left, right) => left.number - right.number).map(node));
    nodes.get(shown)?.setAttribute('aria-pressed', 'true');
  }

  function node(sector) {
    const jumps = here ? route(sectors, here, sector.key)?.length : null;
    const note = sector.key === here ? 'you are here' : jumps === null || jumps === undefined ? 'no way there' : count(jumps, 'jump');
    const element = h('button', {
      type: 'button', 'aria-pressed': 'false', on: { click: () => show(sector.key) },
      class: `galaxy__sector ${sector.key === here ? 'galaxy__sector--here' : ''} ${sector.key === target ? 'galaxy__sector--target' : ''}`,
      style: { left: `${(x(sector.key) / WIDTH) * 100}%`, top: `${(y(sector.key) / HEIGHT) * 100}%` },
    }, h('span', { class: 'galaxy__star', 'aria-hidden': 'true' }), h('b', {}, sector.name), h('small', {}, note));
    nodes.set(sector.key, element);
    return element;
  }

  function show(key) {
    shown = key;
    for (const [other, element] of nodes) element.setAttribute('aria-pressed', String(other === key));
    describe();
  }

  function setRoute(key) {
    target = key;
    onRoute(key);
    draw();
    describe();
    nodes.get(shown)?.focus();
  }

  function describe() {
    const sector = sectors[shown];
    const way = here ? route(sectors, here, shown) : null;
    fill(about, h('h3', {}, sector.name),
      way?.length > 0 && h('div', { class: 'row' }, target === shown
        ? [button('Fly to the next gate', () => { onGo(way[0]); dialog.close(); }, { class: 'button--primary' }), button('Forget the route', () => setRoute(null))]
        : button('Set the route', () => setRoute(shown), { class: 'button--primary' })),
      h('dl', { class: 'definitions' },
        way?.length > 0 && pair('Way', [game.name('sector', here), ...way.map(({ to_sector }) => game.name('sector', to_sector))].join(' → ')),
        pair('Hubs', sector.hubs.map(({ name }) => name).join(', ') || 'none'),
        pair('Found there', [...new Set((sector.spawns ?? []).map(({ kind }) => game.name('object', kind)))].join(', ') || 'nothing'),
        pair('Gates to', sector.gates.map(({ to_sector }) => game.name('sector', to_sector)).join(', ') || 'nowhere')));
  }

  draw();
  describe();
  nodes.get(shown)?.focus();
  return dialog;
}

const pair = (name, text) => [h('dt', {}, name), h('dd', {}, text)];
