// Crafting: blueprints with what they take and what one has, jobs with their progress, and giving jobs up.

import { badge, empty, field, fill, h, loading, section, select } from '../../ui/dom.js';
import { credits, duration, number } from '../../ui/format.js';
import { sourceButtons } from '../sources.js';
import { dealButton, dealForm } from './deals.js';
import { available, awayProblem, jobs, knownTechs, wallet } from './known.js';
import { amount, backBar, firstHub, goods, hubPicker, opener, refill, table } from './parts.js';
import { craftPlan, makeable, madeAt, missingTechs } from './craft_math.js';
import { craftRefund } from './rules.js';
import { openScope } from './scope.js';
import { bar, until } from './ticking.js';

const FILTERS = [['here', 'Made here'], ['now', 'Possible now'], ['known', 'Known to me'], ['all', 'All']];
const remembered = { search: '', filter: 'here' };

export default {
  key: 'crafting', title: 'Crafting', group: 'economy', shortcut: '5',
  mount(root, game, params = {}) {
    const scope = openScope(game, root);
    const work = h('div');
    const body = h('div', { class: 'stack' });
    let part = null;
    const picker = hubPicker(game, scope, firstHub(game, params.hub), () => open(null));
    fill(root, work, picker.element, body);

    function open(blueprint) {
      part?.close();
      part = scope.part();
      fill(body);
      if (blueprint === null) listView(body, game, part, picker.hub, open);
      else blueprintView(body, game, part, picker.hub, game.catalog.blueprints[blueprint], () => open(null));
    }
    scope.watch((_, changed) => { if (changed.has('jobs')) refill(work, jobList(game, scope)); });
    game.refresh('jobs', 'storage');
    open(params.blueprint ?? null);
    return scope.close;
  },
};

function jobList(game, scope) {
  const list = jobs(game);
  const slots = game.state.jobs?.slots;
  if (list.length === 0) return null;
  const now = scope.now();
  return section(`Jobs: ${number(list.length)} of ${number(game.catalog.economy.craft.jobs_max)}, ${slots === 1 ? 'one runs' : `${number(slots)} run`} at a time`,
    h('ul', { class: 'list jobs' }, list.map((job) => jobEntry(game, job, now))));
}

function jobEntry(game, job, now) {
  const blueprint = game.catalog.blueprints[job.blueprint];
  const name = game.name('blueprint', job.blueprint);
  const begun = job.starts_ms <= now;
  const back = blueprint ? craftRefund(game.catalog.economy, blueprint, job, now) : { goods: [], credits: 0 };
  const comesBack = [...back.goods.map(({ item, quantity }) => goods(game, item, quantity)), back.credits > 0 && credits(back.credits)].filter(Boolean).join(', ') || 'nothing';
  return h('li', { class: 'job' },
    h('div', { class: 'job__head' }, h('span', {}, h('b', {}, `${number(job.runs)} × ${name}`), h('span', { class: 'muted' }, ` at ${game.name('hub', job.hub)}`)),
      begun ? until(job.due_ms, now, 'done') : h('span', { class: 'muted' }, 'begins in ', until(job.starts_ms, now, 'a moment')),
      dealButton(game, { label: 'Cancel', name: `Cancel ${name}`, deal: ['cancel_craft', { job: job.job }], key: `cancel-job-${job.job}`,
        ask: { title: `Cancel ${name}?`, text: begun ? `It has begun: only a part comes back, ${comesBack}.` : `It has not begun: everything comes back, ${comesBack}.`, yes: 'Cancel the job', danger: true },
        done: () => game.toast('Job cancelled. What came back is in your storage there.', { level: 'good' }) })),
    begun && bar(`Progress of ${name}`, job.starts_ms, job.due_ms, now));
}

function listView(root, game, scope, hub, open) {
  const result = h('div', {}, loading());
  const search = h('input', { type: 'search', value: remembered.search, autocomplete: 'off', on: { input: () => { remembered.search = search.value; draw(); } } });
  const filter = select(FILTERS, remembered.filter, { on: { change: () => { remembered.filter = filter.value; draw(); } } });
  fill(root, h('div', { class: 'filters' }, field('Search', search), field('Show', filter)), result);
  const runs = (blueprint) => makeable(blueprint, { have: (item) => available(game, hub, item), credits: wallet(game), most: game.catalog.economy.craft.runs_max });
  const input = (item, quantity) => h('span', { class: available(game, hub, item) >= quantity ? 'enough' : '' }, goods(game, item, quantity));
  scope.watch((_, changed) => { if (changed.has('status') || changed.has('storage')) draw(); });

  function draw() {
    const words = remembered.search.trim().toLowerCase();
    const keep = {
      here: (blueprint) => madeAt(blueprint, hub), all: () => true,
      known: (blueprint) => missingTechs(blueprint, knownTechs(game)).length === 0,
      now: (blueprint) => madeAt(blueprint, hub) && runs(blueprint) > 0 && missingTechs(blueprint, knownTechs(game)).length === 0,
    }[remembered.filter];
    const shown = Object.values(game.catalog.blueprints).filter(keep)
      .filter((blueprint) => `${blueprint.name} ${game.name('item', blueprint.output)} ${Object.keys(blueprint.inputs).map((item) => game.name('item', item)).join(' ')}`.toLowerCase().includes(words))
      .sort((a, b) => missingTechs(a, knownTechs(game)).length - missingTechs(b, knownTechs(game)).length || a.name.localeCompare(b.name));
    refill(result, shown.length === 0 ? empty('No such blueprints. Choose another list, or another hub.')
      : table(`Blueprints at ${game.name('hub', hub)}`, ['Blueprint', 'Takes and makes', { label: 'Runs', number: true }], shown.map(row)));
  }
  function row(blueprint) {
    const missing = missingTechs(blueprint, knownTechs(game));
    const elsewhere = !madeAt(blueprint, hub);
    return { class: missing.length > 0 || elsewhere ? 'dim' : '', cells: [
      opener(blueprint.name, () => open(blueprint.key), `blueprint-${blueprint.key}`),
      [Object.entries(blueprint.inputs).map(([item, quantity], index) => [index > 0 && ', ', input(item, quantity)]),
        h('span', {}, ' → ', h('b', {}, goods(game, blueprint.output, blueprint.output_quantity))),
        missing.length > 0 && h('span', { class: 'muted' }, ` needs ${missing.map((tech) => game.name('tech', tech)).join(', ')}`), elsewhere && h('span', { class: 'muted' }, ' not made here')],
      number(runs(blueprint)),
    ] };
  }
}

function blueprintView(root, game, scope, hub, blueprint, back) {
  const rules = game.catalog.economy.craft;
  const inputs = h('div');
  const sources = h('div');
  const needs = h('div');
  const have = (item) => available(game, hub, item);
  const most = () => Math.max(1, makeable(blueprint, { have, credits: wallet(game), most: rules.runs_max }));
  const count = amount('Runs', { start: 1, all: most });
  const head = backBar(blueprint.name, back, 'Back to all blueprints');

  const form = dealForm(game, scope, {
    name: `Craft ${blueprint.name}`, controls: count.row,
    plan() {
      const runs = count.value();
      const { problem, fee, seconds, output } = craftPlan(blueprint, runs, { rules, have, known: knownTechs(game), credits: wallet(game), jobs: jobs(game).length, hub, name: game.name });
      return { problem: problem ?? awayProblem(game, hub), label: `Craft ${goods(game, blueprint.output, output)}`, deal: ['craft', { hub, blueprint: blueprint.key, runs }],
        facts: [['Fee', credits(fee)], ['Takes', duration(seconds * 1000)], ['Makes', goods(game, blueprint.output, output)], ['Comes into', `your storage at ${game.name('hub', hub)}`]] };
    },
    done(answer) {
      game.toast(answer.starts_ms <= scope.now() + 1000 ? 'The job has begun.' : 'The job is queued: it begins when a slot is free.', { level: 'good' });
      count.set(1);
    },
  });
  fill(root, head, needs, inputs, form.element, sources);
  head.querySelector('h3').focus({ preventScroll: true });
  count.input.addEventListener('input', draw);
  scope.watch((_, changed) => { if (changed.has('status') || changed.has('storage')) draw(); });

  function draw() {
    const runs = Math.max(1, count.value() ?? 1);
    refill(inputs, table(`What ${number(runs)} ${runs === 1 ? 'run takes' : 'runs take'}`,
      ['Goods', { label: 'Needed', number: true }, { label: 'You have here', short: 'You have', number: true }, { label: 'State', hidden: true }],
      Object.entries(blueprint.inputs).map(([item, quantity]) => inputRow(item, quantity * runs)), { showCaption: true }));
    const lacking = Object.entries(blueprint.inputs).filter(([item, quantity]) => have(item) < quantity * runs);
    refill(sources, lacking.length > 0 && section('Where to get what is missing', lacking.map(([item]) => h('div', { class: 'actions' }, h('span', { class: 'muted' }, game.name('item', item)), sourceButtons(game, item)))));
    refill(needs, blueprint.requires.length > 0 && h('p', {}, 'Needs ', blueprint.requires.map((tech, index) => [index > 0 && ', ', requirement(tech)])),
      blueprint.hubs.length > 0 && h('p', { class: 'muted' }, `Made at ${blueprint.hubs.map((key) => game.name('hub', key)).join(', ')}.`));
  }
  function inputRow(item, needed) {
    const name = game.name('item', item);
    const missing = needed - have(item);
    return [opener(name, () => game.open('market', { hub, item }), `input-${item}`, { 'aria-label': `${name}: see the market` }), number(needed), number(have(item)),
      missing <= 0 ? badge('enough', 'good') : badge(`${number(missing)} missing`, 'bad')];
  }
  function requirement(tech) {
    const known = knownTechs(game).includes(tech);
    return [opener(game.name('tech', tech), () => game.open('research', { tech }), `needs-${tech}`), ' ', known ? badge('known', 'good') : badge('not known', 'bad')];
  }
}
