// The server's log, live: filtered by the server, with pause and the way to everything that has the same trace.

import { api } from '../lib/api.js';
import { failure, fill, h, select } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { clock, stamp } from '../lib/format.js';

const EVERY_MS = 1000;
const LINES_MAX = 1000;
const ASKED = 200;
const TYPING_MS = 300;
const LEVELS = [['error', 'Errors'], ['warn', 'Warnings and worse'], ['info', 'Info and worse'], ['debug', 'Debug and worse'], ['', 'All']];

function mount(root, params, ctx) {
  const filters = { level: ctx.query.get('level')?.replace('all', '') ?? 'info', target: ctx.query.get('target') ?? '', text: ctx.query.get('text') ?? '', trace: ctx.query.get('trace') ?? '' };
  const state = { after: null, run: 0, paused: false };
  const level = select(LEVELS, filters.level, { 'aria-label': 'Level' });
  const inputs = Object.fromEntries([['text', 'Text'], ['target', 'Module, e.g. orrery::actors'], ['trace', 'Trace id']].map(([name, label]) =>
    [name, h('input', { type: 'search', placeholder: label, 'aria-label': label, value: filters[name] })]));
  const pause = button('Pause', toggle, { 'aria-pressed': 'false' });
  const lines = h('ol', { class: 'log', tabindex: '0', 'aria-label': 'Log lines, newest last' });
  const note = h('div', {});
  const problem = h('div', {});
  let timer = null;
  level.addEventListener('change', () => choose({ level: level.value }));
  for (const [name, input] of Object.entries(inputs)) {
    input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(() => choose({ [name]: input.value.trim() }), TYPING_MS); });
  }
  ctx.actions(pause, button('Clear', () => { fill(lines); }));
  ctx.shortcut({ keys: 'p', label: 'Pause or go on', run: toggle });
  fill(root, h('div', { class: 'toolbar' }, level, Object.values(inputs)), problem, lines, note);
  waiting();
  const live = ctx.poll({ every: EVERY_MS, load, onData: show, onError: (error) => fill(problem, failure(error)) });

  async function load(signal) {
    const { run } = state;
    return { run, page: await api.get('/logs', { query: { ...filters, after: state.after, limit: ASKED }, signal }) };
  }

  function show({ run, page }) {
    if (run !== state.run) return;
    fill(problem);
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    lines.append(...page.items.map(line));
    while (lines.children.length > LINES_MAX) lines.firstChild.remove();
    state.after = page.last;
    if (atEnd) lines.scrollTop = lines.scrollHeight;
    fill(note, lines.children.length === 0 && h('p', { class: 'state' }, 'No line matches yet.'));
  }

  function waiting() {
    fill(note, h('p', { class: 'state' }, 'Waiting for lines…'));
  }

  function choose(change) {
    Object.assign(filters, change);
    ctx.setQuery({ ...filters, level: filters.level === 'info' ? null : filters.level || 'all' });
    state.after = null;
    state.run += 1;
    fill(lines);
    waiting();
    live.now();
  }

  function toggle() {
    state.paused = !state.paused;
    pause.setAttribute('aria-pressed', String(state.paused));
    fill(pause, state.paused ? 'Go on' : 'Pause');
    if (state.paused) live.pause();
    else live.resume();
  }

  function line({ at_ms, level: own, target, message, fields, trace }) {
    const more = Object.entries(fields ?? {});
    return h('li', { class: own }, h('time', { datetime: new Date(at_ms).toISOString(), title: stamp(at_ms) }, clock(at_ms)), h('span', { class: 'log-level' }, own),
      h('span', { class: 'log-text' }, h('span', { class: 'muted' }, target), ' ', message, more.map(([name, value]) => [' ', h('span', { class: 'log-field' }, `${name}=`), typeof value === 'object' ? JSON.stringify(value) : String(value)]),
        trace && [' ', button('trace', () => { inputs.trace.value = trace; choose({ trace }); }, { class: 'quiet log-trace', title: `Everything of trace ${trace}` })]));
  }
}

export default { title: 'Logs', path: '/logs', role: 'viewer', group: 'Machine room', keys: 'g l', mount };
