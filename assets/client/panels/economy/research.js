// Research: the tree of technologies, what each costs and brings, beginning and cancelling one.

import { badge, fill, h, loading, section, svg } from '../../ui/dom.js';
import { count, credits, duration } from '../../ui/format.js';
import { announce } from '../../ui/toast.js';
import { dealButton } from './deals.js';
import { knownTechs, techs, wallet } from './known.js';
import { opener, refill, sums } from './parts.js';
import { creditsProblem, researchRefund } from './rules.js';
import { openScope } from './scope.js';
import { bar, until } from './ticking.js';
import { layOut } from './tree.js';

const BOX = { width: 132, height: 50, acrossGap: 26, downGap: 10 };
const STATES = { known: 'known', researching: 'under way', available: 'can be researched', locked: 'locked' };
const STATS = { speed: 'speed', cargo: 'hold', collect_range: 'collecting range', craft_slots: 'crafting slots' };

export default {
  key: 'research', title: 'Research', group: 'economy', shortcut: '6',
  mount(root, game, params = {}) {
    const scope = openScope(game, root);
    const work = h('div');
    const detail = h('div', { class: 'stack' });
    const picture = h('div', { class: 'tech-tree', role: 'group', 'aria-label': 'Technologies', tabindex: '-1' }, loading());
    let chosen = params.tech ?? null;
    let drawn = null;
    fill(root, work, detail, picture);

    function choose(tech) {
      chosen = tech;
      draw();
      const { state, cost } = techs(game).find((entry) => entry.tech === tech);
      announce(`${game.name('tech', tech)}: ${STATES[state]}, ${credits(cost)}`);
      detail.scrollIntoView({ block: 'nearest' });
    }
    function draw() {
      const list = techs(game);
      refill(work, running(game, scope));
      if (list.length === 0) return;
      chosen ??= (list.find(({ state }) => state === 'researching') ?? list.find(({ state }) => state === 'available') ?? list[0]).tech;
      drawn ??= drawTree(picture, game, list, choose);
      drawn.update(list, chosen);
      refill(detail, describe(game, list.find(({ tech }) => tech === chosen), choose));
    }
    scope.watch((_, changed) => { if (changed.has('techs') || changed.has('status')) draw(); });
    game.refresh('techs');
    return scope.close;
  },
};

function running(game, scope) {
  const research = game.state.status?.research;
  if (!research) return null;
  const now = scope.now();
  const name = game.name('tech', research.tech);
  const refund = researchRefund({ cost: game.catalog.techs[research.tech]?.cost ?? 0, startedMs: research.started_ms, dueMs: research.due_ms }, now);
  return section('Under way', h('div', { class: 'job' },
    h('div', { class: 'job__head' }, h('b', {}, name), until(research.due_ms, now, 'done'),
      dealButton(game, { label: 'Cancel', name: `Cancel ${name}`, deal: ['cancel_research', {}], key: 'cancel-research',
        ask: { title: `Cancel ${name}?`, text: `What belongs to the time left comes back, about ${credits(refund)} now. The rest is lost.`, yes: 'Cancel the research', danger: true },
        done: (answer) => game.toast(`Cancelled: ${credits(answer.refund)} came back.`, { level: 'good' }) })),
    bar(`Progress of ${name}`, research.started_ms, research.due_ms, now)));
}

function describe(game, entry, choose) {
  if (!entry) return null;
  const kind = game.catalog.techs[entry.tech];
  const leads = techs(game).filter(({ requires }) => requires.includes(entry.tech));
  const makes = Object.values(game.catalog.blueprints).filter(({ requires }) => requires.includes(entry.tech));
  return h('section', { class: 'section', 'aria-label': game.name('tech', entry.tech) },
    h('h3', {}, game.name('tech', entry.tech), ' ', badge(STATES[entry.state], entry.state === 'known' ? 'good' : entry.state === 'researching' ? 'warn' : '')),
    sums([
      entry.state !== 'known' && ['Cost', credits(entry.cost)], entry.state !== 'known' && ['Takes', duration(entry.seconds * 1000)],
      (kind?.effects ?? []).length > 0 && ['Brings', kind.effects.map(effect).join(', ')],
      makes.length > 0 && ['To make', makes.map(({ name }) => name).join(', ')],
      entry.requires.length > 0 && ['Needs', links(game, entry.requires, choose)],
      leads.length > 0 && ['Leads to', links(game, leads.map(({ tech }) => tech), choose)],
    ]),
    (entry.state === 'available' || entry.state === 'locked') && begin(game, entry));
}

const effect = ({ stat, percent }) => (stat === 'craft_slots' ? count(percent / 100, 'more crafting slot') : `+${percent}% ${STATS[stat] ?? stat}`);

const links = (game, list, choose) => list.map((tech, index) => [index > 0 && ', ', opener(game.name('tech', tech), () => choose(tech), `see-${tech}`)]);

function begin(game, { tech, requires, cost }) {
  const status = game.state.status;
  const missing = requires.filter((need) => !knownTechs(game).includes(need));
  const problem = missing.length > 0 ? `Research ${missing.map((need) => game.name('tech', need)).join(' and ')} first.`
    : status?.research ? `${game.name('tech', status.research.tech)} is under way: one at a time.`
      : creditsProblem(cost, wallet(game));
  const name = game.name('tech', tech);
  const button = dealButton(game, {
    label: `Research for ${credits(cost)}`, name: `Research for ${credits(cost)}: ${name}`, deal: ['research', { tech }], problem, class: 'button--primary', key: 'begin',
    done: () => game.toast(`Research of ${name} has begun.`, { level: 'good' }),
  });
  return [h('p', { class: 'actions' }, button), problem && h('p', { class: 'reason' }, problem)];
}

// The picture is built once; afterwards only states and the chosen one change, so that it keeps its place when it is scrolled.
function drawTree(root, game, list, choose) {
  const { nodes, edges, columns, rows } = layOut(list);
  const place = new Map(nodes.map((node) => [node.tech, { left: node.column * (BOX.width + BOX.acrossGap), top: node.row * (BOX.height + BOX.downGap) }]));
  const size = { width: columns * (BOX.width + BOX.acrossGap), height: rows * (BOX.height + BOX.downGap) };
  const lines = new Map();
  const curves = edges.map(({ from, to }) => {
    const [a, b] = [place.get(from), place.get(to)];
    const [x1, y1, x2, y2] = [a.left + BOX.width, a.top + BOX.height / 2, b.left, b.top + BOX.height / 2];
    const line = svg('path', { d: `M${x1} ${y1}C${x1 + 16} ${y1} ${x2 - 16} ${y2} ${x2} ${y2}`, class: 'tech-line' });
    lines.set(`${from} ${to}`, line);
    return line;
  });
  const buttons = new Map();
  const boxes = [...nodes].sort((a, b) => a.column - b.column || a.row - b.row).map(({ tech }) => {
    const { left, top } = place.get(tech);
    const node = h('button', {
      type: 'button', class: 'tech', 'data-key': `tech-${tech}`, style: { left: `${left}px`, top: `${top}px`, width: `${BOX.width}px`, height: `${BOX.height}px` },
      on: { click: () => choose(tech), keydown: (event) => step(event, tech) },
    });
    buttons.set(tech, node);
    return node;
  });
  const sheet = h('div', { class: 'tech-tree__sheet', style: { width: `${size.width}px`, height: `${size.height}px` } },
    svg('svg', { width: size.width, height: size.height, class: 'tech-tree__lines', 'aria-hidden': 'true' }, curves), boxes);
  fill(root, sheet);

  // Arrow keys go to the nearest technology in that direction.
  function step(event, tech) {
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const here = nodes.find((node) => node.tech === tech);
    const away = (node) => Math.abs(node.column - here.column) * 3 + Math.abs(node.row - here.row);
    const ahead = nodes.filter((node) => (node.column - here.column) * way[0] > 0 || ((node.row - here.row) * way[1] > 0 && node.column === here.column));
    const next = ahead.sort((a, b) => away(a) - away(b))[0];
    if (next) buttons.get(next.tech).focus();
  }

  let seen = null;
  return {
    update(entries, chosen) {
      const states = new Map(entries.map(({ tech, state }) => [tech, state]));
      for (const { tech, state, cost } of entries) {
        const node = buttons.get(tech);
        if (!node) continue;
        node.className = `tech tech--${state} ${tech === chosen ? 'tech--chosen' : ''}`;
        node.setAttribute('aria-pressed', String(tech === chosen));
        fill(node, h('span', { class: 'tech__name' }, game.name('tech', tech)), h('span', { class: 'tech__state' }, state === 'available' ? credits(cost) : STATES[state]));
      }
      for (const { from, to } of edges) lines.get(`${from} ${to}`).classList.toggle('tech-line--known', states.get(from) === 'known');
      if (seen === chosen) return;
      seen = chosen;
      buttons.get(chosen)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
  };
}
