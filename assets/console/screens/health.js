// The health report: each check with its figures, findings and advice.

import { api } from '../lib/api.js';
import { badge, definitions, failure, fill, h, loading, section } from '../lib/dom.js';
import { bytes, decimal, integer, millis, percent, words } from '../lib/format.js';

const EVERY_MS = 5000;
const NAMES = { store: 'Store', persister: 'Persister', worlds: 'Worlds', sessions: 'Sessions', memory: 'Memory', descriptors: 'File descriptors', audit: 'Books' };

/** The unit is the last word of a figure's name. */
export function figure(name, value) {
  if (name.endsWith('_ms')) return millis(value);
  if (name.endsWith('bytes')) return bytes(value);
  if (name.endsWith('percent')) return percent(value);
  return typeof value === 'number' && !Number.isInteger(value) ? decimal(value, 2) : integer(value);
}

function mount(root, params, ctx) {
  const overall = h('div', {}, loading());
  const checks = h('div', { class: 'grid' });
  fill(root, overall, checks);
  let shown = '';
  ctx.poll({
    every: EVERY_MS, load: (signal) => api.get('/health', { signal }),
    onData: (report) => {
      fill(overall, h('div', { class: `score ${report.status}` }, h('b', {}, report.score), h('span', {}, 'of 100'), badge(report.status, report.status)));
      const text = JSON.stringify(report.checks);
      // Nothing moves under the reader as long as nothing changes.
      if (text !== shown) fill(checks, report.checks.map(check));
      shown = text;
    },
    onError: (error) => { fill(overall, failure(error)); },
  });
}

function check({ name, status, figures, findings, advice }) {
  return section([NAMES[name] ?? words(name), ' ', badge(status, status)],
    byAdvice(findings, advice).map(([what, texts]) => h('div', { class: `notice ${status === 'fail' ? 'bad' : status}` }, texts.map((text) => h('p', {}, h('strong', {}, text))), what && h('p', {}, what))),
    definitions(Object.entries(figures).filter(([key]) => !key.includes('.')).map(([key, value]) => [nameOf(key), figure(key, value)])),
    byPart(figures));
}

/** Advice is in the order of the findings; what is good for several of them is said once. */
function byAdvice(findings, advice) {
  const groups = new Map();
  findings.forEach((text, index) => groups.set(advice[index] ?? '', [...(groups.get(advice[index] ?? '') ?? []), text]));
  return [...groups];
}

const nameOf = (key) => words(key.replace(/_(ms|percent|bytes)$/, ''));

/** Figures like 'sol.tick_p99_ms' as a table: a row for each part, a column for each figure. */
function byPart(figures) {
  const cells = Object.entries(figures).filter(([key]) => key.includes('.')).map(([key, value]) => [...key.split('.'), value]);
  if (cells.length === 0) return null;
  const columns = [...new Set(cells.map(([, name]) => name))];
  const rows = [...new Set(cells.map(([part]) => part))];
  const cell = (part, name) => cells.find((entry) => entry[0] === part && entry[1] === name);
  return h('table', { class: 'data parts' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Part')), columns.map((name) => h('th', { scope: 'col', class: 'end' }, nameOf(name))))),
    h('tbody', {}, rows.map((part) => h('tr', {}, h('th', { scope: 'row' }, words(part)), columns.map((name) => h('td', { class: 'end' }, cell(part, name) ? figure(name, cell(part, name)[2]) : '–'))))));
}

export default { title: 'Health', path: '/health', role: 'viewer', group: 'Machine room', keys: 'g h', mount };
