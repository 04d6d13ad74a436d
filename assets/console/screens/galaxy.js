// Every world, live: ships, objects, hubs, gates, the cell grid, and where the load is. Click a ship, or list them below.

import { api } from '../lib/api.js';
import { definitions, failure, fill, h, link, loading, section } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { createTable } from '../lib/table.js';
import { bytes, decimal, integer, millis, words } from '../lib/format.js';
import { createStarmap, heat } from '../lib/starmap.js';

const PICTURE_MS = 1000;
const WORLDS_MS = 5000;
const LIST_MS = 5000;
const LIST_ROWS = 300;
const OVERLAYS = [[null, 'No overlay'], ['entities', 'Entities'], ['bytes_per_s', 'Bytes'], ['subscribers', 'Subscribers']];

async function mount(root, params, ctx) {
  fill(root, loading());
  const { items } = await api.get('/worlds', { signal: ctx.signal });
  if (items.length === 0) {
    fill(root, h('p', { class: 'state' }, 'There are no worlds.'));
    return undefined;
  }
  return new Galaxy(root, ctx, items).unmount;
}

class Galaxy {
  constructor(root, ctx, worlds) {
    Object.assign(this, { ctx, worlds, pictures: null, chosen: null, listed: 0 });
    const names = new Map(worlds.map(({ key, name }) => [key, name]));
    this.map = createStarmap({ onSelect: (player) => this.select(player), onReading: (at) => this.reading(at), names });
    this.tabs = h('div', { class: 'segments', role: 'group', 'aria-label': 'World' });
    this.figures = h('div', {});
    this.who = h('div', { 'aria-live': 'polite' });
    this.where = h('span', {});
    this.problem = h('div', {});
    this.legend = h('div', { class: 'legend-bar' });
    this.list = this.makeList();
    this.details = h('details', { class: 'panel' }, h('summary', {}, 'List of ships'), this.list.element);
    this.details.addEventListener('toggle', () => this.fillList(true));
    fill(root, h('div', { class: 'toolbar' }, this.tabs), this.problem,
      h('div', { class: 'galaxy' },
        h('div', { class: 'map-box' }, this.map.element, this.controls()),
        h('div', { class: 'map-side' }, section('Chosen ship', this.who), section('Load per cell', this.overlays(), this.legend), section('World', this.figures, signs()))),
      this.details);
    this.unmount = () => this.map.stop();
    this.select(null);
    this.overlay(null);
    const busiest = worlds.reduce((best, world) => (world.ships > best.ships ? world : best));
    this.enter((worlds.find(({ key }) => key === ctx.query.get('world')) ?? busiest).key);
    ctx.poll({ every: WORLDS_MS, load: (signal) => api.get('/worlds', { signal }), onData: (page) => { this.worlds = page.items; this.showWorlds(); } });
  }

  controls() {
    return h('div', { class: 'map-controls' },
      button('+', () => this.map.zoom(1.5), { 'aria-label': 'Zoom in' }), button('−', () => this.map.zoom(1 / 1.5), { 'aria-label': 'Zoom out' }),
      button('⤢', () => this.map.fit(), { 'aria-label': 'Show the whole world' }));
  }

  overlays() {
    this.overlayButtons = OVERLAYS.map(([name, label]) => button(label, () => this.overlay(name)));
    return h('div', { class: 'segments', role: 'group', 'aria-label': 'Overlay' }, this.overlayButtons);
  }

  overlay(name) {
    this.shown = name;
    OVERLAYS.forEach(([own], index) => this.overlayButtons[index].setAttribute('aria-pressed', String(own === name)));
    this.map.setOverlay(name);
    this.showLegend();
  }

  showLegend() {
    const format = this.shown === 'bytes_per_s' ? (value) => `${bytes(value)}/s` : integer;
    const scale = [0, 0.25, 0.5, 0.75, 1].map((share) => h('i', { style: { background: heat(share) } }));
    fill(this.legend, this.shown
      ? [h('span', {}, '1'), h('span', { class: 'legend-scale', 'aria-hidden': 'true' }, scale), h('span', {}, format(this.map.most()))]
      : h('span', { class: 'muted' }, 'Colours the cells by what they cost.'));
  }

  enter(key) {
    this.key = key;
    this.ctx.setQuery({ world: key });
    this.pictures?.stop();
    this.map.select(null);
    this.showWorlds();
    let first = true;
    this.pictures = this.ctx.poll({
      every: PICTURE_MS, load: (signal) => api.get(`/worlds/${encodeURIComponent(key)}/picture`, { signal }),
      onData: (picture) => {
        if (key !== this.key) return;
        fill(this.problem);
        this.map.take(picture);
        if (first) this.map.fit();
        first = false;
        this.showChosen();
        this.showLegend();
        this.fillList();
      },
      onError: (error) => fill(this.problem, failure(error)),
    });
  }

  showWorlds() {
    if (this.tabs.children.length !== this.worlds.length) fill(this.tabs, this.worlds.map(({ key, name }) => button(name, () => this.enter(key), { 'data-key': key })));
    for (const tab of this.tabs.children) tab.setAttribute('aria-pressed', String(tab.dataset.key === this.key));
    const world = this.worlds.find(({ key }) => key === this.key);
    if (!world) return;
    fill(this.figures, definitions([
      ['State', words(world.state)], ['Ships', integer(world.ships)], ['Objects', integer(world.objects)], ['Tick', `${integer(world.tick)} at ${decimal(world.tick_hz, 0)} Hz`],
      ['Tick p99', millis(world.tick_p99_ms)], ['Ticks late', integer(world.ticks_late)], ['Inbox', integer(world.inbox_depth)], ['Size', `${integer(world.size_units)} units, cells of ${integer(world.cell_units)}`],
    ]));
  }

  select(player) {
    this.chosen = player;
    this.showChosen(true);
  }

  /** The panel is built anew for another ship only, so that focus on its link is kept. */
  showChosen(anew = false) {
    const ship = this.chosen && this.map.moving.ship(this.chosen);
    if (!ship && (anew || this.chosen)) {
      fill(this.who, h('p', { class: 'muted' }, this.chosen ? 'This ship has left the world.' : 'Click a ship, or press N on the map.'));
    } else if (ship && anew) {
      fill(this.who, h('p', { class: 'ship-name' }, link(`/players/${ship.player}`, ship.name)),
        definitions([['Kind', words(ship.kind)], ['Place', this.where], ['Speed', `${decimal(Math.hypot(ship.vx, ship.vy) * (1000 / this.map.moving.picture.tick_ms), 1)} units/s`]]),
        h('div', { class: 'toolbar' }, button('Go there', () => this.map.show(ship.player)), button('Follow', () => this.map.setFollow(true)), button('Let go', () => this.map.select(null))));
    }
  }

  reading(at) {
    const text = `${Math.round(at.x)}, ${Math.round(at.y)}`;
    if (this.where.textContent !== text) this.where.textContent = text;
  }

  makeList() {
    return createTable({
      caption: 'Ships in this world', filter: 'Filter by name or kind', empty: 'No ships here.', rowKey: (row) => row.player, sort: { key: 'name' },
      columns: [
        { key: 'name', label: 'Pilot', render: (row) => link(`/players/${row.player}`, row.name) }, { key: 'kind', label: 'Ship', render: (row) => words(row.kind) },
        { key: 'x', label: 'X', align: 'end', render: (row) => integer(row.x) }, { key: 'y', label: 'Y', align: 'end', render: (row) => integer(row.y) },
        { key: 'speed', label: 'Moves', value: (row) => (row.vx || row.vy ? 'flies' : 'rests'), render: (row) => (row.vx || row.vy ? 'flies' : 'rests') },
      ],
      actions: (row) => button('On the map', () => { this.map.show(row.player); this.map.element.focus(); }),
    });
  }

  fillList(now = false) {
    if (!this.details.open || (!now && performance.now() - this.listed < LIST_MS)) return;
    const { picture } = this.map.moving;
    if (!picture) return;
    this.listed = performance.now();
    const ships = [...picture.ships].sort((left, right) => left.name.localeCompare(right.name)).slice(0, LIST_ROWS);
    this.list.setRows(ships);
    this.details.querySelector('summary').textContent = picture.ships.length > ships.length ? `List of ships (the first ${ships.length} of ${picture.ships.length})` : `List of ships (${ships.length})`;
  }
}

function signs() {
  return h('ul', { class: 'signs', 'aria-label': 'Signs on the map' },
    [['ship', 'ship under way'], ['resting', 'ship at rest'], ['hub', 'hub'], ['gate', 'gate'], ['object', 'object']].map(([kind, label]) => h('li', {}, h('i', { class: `sign ${kind}`, 'aria-hidden': 'true' }), label)));
}

export default { title: 'Galaxy', path: '/galaxy', role: 'viewer', group: 'Live', keys: 'g g', mount };
