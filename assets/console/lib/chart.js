// Line charts: SVG, axes, a read-out under the pointer or the arrow keys, and the same in words for who cannot see them.
//
//   const chart = lineChart({title: 'Players online', series: [{name: 'players_online', label: 'players'}], format: integer, min: 0});
//   root.append(chart.element);
//   chart.set({from_ms, step_ms, series: {players_online: [1, null, 3]}, span_ms});   the past: null is a gap; span_ms is what the axis spans
//   chart.push(at_ms, {players_online: 4});                                  the value now; the window moves on
//   Up to four series in a chart; they share one axis, so let them have one unit. format: a function of lib/format.js.
//   binary: true where the unit counts in powers of two (bytes).

import { fill, h, svg } from './dom.js';
import { clock } from './format.js';

const WIDTH_START = 480;
const PLOT = { left: 62, right: 8, top: 8, bottom: 20 };

export function lineChart({ title, series, format, min = 0, binary = false, height = 140 }) {
  const state = { width: WIDTH_START, times: [], values: new Map(series.map(({ name }) => [name, []])), span: 60_000, step: 1000, at: null };
  const picture = svg('svg', { height, role: 'img', tabindex: '0', class: 'chart' });
  const words = h('p', { class: 'visually-hidden' });
  const reading = h('p', { class: 'chart-reading' });
  const element = h('figure', { class: 'chart-box' },
    h('figcaption', {}, h('span', {}, title), reading), picture, words);
  picture.setAttribute('aria-label', `${title}; arrow keys read values`);
  picture.addEventListener('pointermove', (event) => point(timeAt(event)));
  picture.addEventListener('pointerleave', () => point(null));
  picture.addEventListener('blur', () => point(null));
  picture.addEventListener('keydown', step);

  const inner = { get width() { return state.width - PLOT.left - PLOT.right; }, height: height - PLOT.top - PLOT.bottom };
  const from = () => state.times[state.times.length - 1] - state.span;
  const x = (ms) => PLOT.left + ((ms - from()) / state.span) * inner.width;

  function timeAt(event) {
    if (state.times.length === 0) return null;
    const box = picture.getBoundingClientRect();
    const across = event.clientX - box.left;
    return nearest(state.times, from() + ((across - PLOT.left) / inner.width) * state.span);
  }

  function step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined || state.times.length === 0) return;
    event.preventDefault();
    const last = state.times.length - 1;
    const next = by === -Infinity ? 0 : by === Infinity ? last : Math.min(last, Math.max(0, (state.at ?? last) + by));
    point(next);
  }

  function point(index) {
    state.at = index;
    draw();
  }

  function set({ from_ms, step_ms, series: given, span_ms }) {
    const length = Math.max(0, ...series.map(({ name }) => given[name]?.length ?? 0));
    state.times = Array.from({ length }, (_, index) => from_ms + index * step_ms);
    for (const { name } of series) state.values.set(name, Array.from({ length }, (_, index) => given[name]?.[index] ?? null));
    state.span = span_ms;
    state.step = step_ms;
    draw();
  }

  function push(at_ms, values) {
    const last = state.times[state.times.length - 1];
    if (last !== undefined && at_ms <= last) return;
    // Between two steps of the history there is one live value: the newest.
    if (last - state.times[state.times.length - 2] < state.step) {
      state.times.pop();
      for (const { name } of series) state.values.get(name).pop();
    }
    state.times.push(at_ms);
    for (const { name } of series) state.values.get(name).push(values[name] ?? null);
    while (state.times.length > 2 && state.times[1] < at_ms - state.span) {
      state.times.shift();
      for (const { name } of series) state.values.get(name).shift();
      if (state.at !== null) state.at = Math.max(0, state.at - 1);
    }
    draw();
  }

  function draw() {
    if (state.times.length === 0) {
      fill(picture, svg('text', { x: state.width / 2, y: height / 2, class: 'chart-none', 'text-anchor': 'middle' }, 'no values yet'));
      return;
    }
    const known = [...state.values.values()].flat().filter((value) => value !== null);
    const { low, high, ticks } = scale(known, min, binary);
    const y = (value) => PLOT.top + inner.height * (1 - (value - low) / (high - low));
    fill(picture,
      ticks.map((tick) => [
        svg('line', { x1: PLOT.left, x2: state.width - PLOT.right, y1: y(tick), y2: y(tick), class: 'rule' }),
        svg('text', { x: PLOT.left - 6, y: y(tick) + 3, 'text-anchor': 'end', class: 'tick' }, format(tick)),
      ]),
      timeTicks().map((ms, index, all) => svg('text', { x: x(ms), y: height - 4, class: 'tick', 'text-anchor': index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle' }, clock(ms).slice(0, state.span < 600_000 ? 8 : 5))),
      series.map(({ name }, index) => svg('path', { d: path(state.values.get(name), y), class: `line series-${index}` })),
      cursor(y));
    describe();
  }

  function timeTicks() {
    return [0, 1, 2, 3].map((part) => from() + (state.span * part) / 3);
  }

  function path(values, y) {
    let d = '';
    let pen = false;
    values.forEach((value, index) => {
      if (value === null) { pen = false; return; }
      const across = x(state.times[index]);
      if (across < PLOT.left - 0.5) return;
      const lonely = !pen && (values[index + 1] ?? null) === null;
      d += `${pen ? 'L' : 'M'}${across.toFixed(1)} ${y(value).toFixed(1)}${lonely ? 'h1' : ''}`;
      pen = true;
    });
    return d;
  }

  function cursor(y) {
    if (state.at === null) return null;
    const across = x(state.times[state.at]);
    return [svg('line', { x1: across, x2: across, y1: PLOT.top, y2: height - PLOT.bottom, class: 'cursor' }),
      series.map(({ name }, index) => {
        const value = state.values.get(name)[state.at];
        return value === null ? null : svg('circle', { cx: across, cy: y(value), r: 3, class: `dot series-${index}` });
      })];
  }

  function describe() {
    const at = state.at ?? state.times.length - 1;
    const value = (name) => format(state.values.get(name)[at]);
    fill(reading, state.at !== null && h('span', { class: 'muted' }, clock(state.times[at]), ' '),
      series.map(({ name, label }, index) => h('span', { class: 'legend' }, h('i', { class: `swatch series-${index}`, 'aria-hidden': 'true' }), series.length > 1 ? `${label} ` : '', h('b', {}, value(name)))));
    fill(words, series.map(({ name, label }) => summary(label, state.values.get(name), format)).join('. '));
    if (state.at !== null) picture.setAttribute('aria-label', `${title} at ${clock(state.times[at])}: ${series.map(({ name, label }) => `${label} ${value(name)}`).join(', ')}`);
  }

  // One unit of the drawing is one pixel, so that its texts have the size of the page's at any width.
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === 0 || contentRect.width === state.width) return;
    state.width = contentRect.width;
    draw();
  }).observe(picture);
  draw();
  return { element, set, push };
}

function summary(label, values, format) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${label}: no values`;
  return `${label}: now ${format(known[known.length - 1])}, least ${format(least(known))}, most ${format(most(known))}`;
}

const least = (values) => values.reduce((low, value) => Math.min(low, value), Infinity);
const most = (values) => values.reduce((high, value) => Math.max(high, value), -Infinity);

function nearest(times, ms) {
  let best = 0;
  times.forEach((time, index) => { if (Math.abs(time - ms) < Math.abs(times[best] - ms)) best = index; });
  return best;
}

/** Round numbers around the values: at most five lines. */
function scale(values, min, binary) {
  const top = values.length > 0 ? most(values) : 1;
  const bottom = Math.min(min ?? Infinity, values.length > 0 ? least(values) : 0);
  const range = top - bottom || Math.abs(top) || 1;
  const raw = range / 4;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = binary ? 2 ** Math.ceil(Math.log2(raw)) : [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= raw);
  const low = Math.floor(bottom / step) * step;
  const high = Math.max(Math.ceil(top / step) * step, low + step);
  const count = Math.round((high - low) / step);
  return { low, high, ticks: Array.from({ length: count + 1 }, (_, index) => Number((low + index * step).toPrecision(12))) };
}
