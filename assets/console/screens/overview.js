// The galaxy at a glance: figures, live charts with the last hours, health and maintenance.

import { api } from '../lib/api.js';
import { badge, failure, fill, h, link, loading } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { lineChart } from '../lib/chart.js';
import { ago, bytes, compact, credits, decimal, integer, millis, percent, seconds } from '../lib/format.js';

const LIVE_MS = 2000;
const HEALTH_MS = 5000;
const FINDINGS_MAX = 3;
const MINUTE_MS = 60_000;
const SPANS = [['15m', '15 min', 15], ['1h', '1 hour', 60], ['6h', '6 hours', 360], ['24h', '24 hours', 1440]];

const share = (value) => percent(value);
/** It is counted whenever the books are compared; that takes a while the first time, and can be turned off. */
const money = (value, { money_supply_as_of_ms: as_of }) => (value === null ? h('small', {}, 'not counted yet') : [h('span', { title: credits(value) }, compact(value)), h('small', {}, 'counted ', ago(as_of))]);

const FIGURES = [
  ['players_online', 'Players online', integer], ['connections', 'Connections', integer], ['players_in_memory', 'Players in memory', integer],
  ['ticks_on_time_percent', 'Ticks on time', share, (value) => (value < 95 ? 'bad' : value < 99 ? 'warn' : '')],
  ['worst_tick_p99_ms', 'Slowest tick p99', millis], ['durable_lag_p99_ms', 'Durable after, p99', millis], ['commits_per_s', 'Commits a second', (value) => decimal(value, 0)],
  ['errors_per_s', 'Errors a second', (value) => decimal(value, 1), (value) => (value > 0 ? 'warn' : '')], ['money_supply_credits', 'Money supply', money],
  ['cpu_percent', 'Processor', share], ['rss_bytes', 'Memory', bytes], ['open_fds', 'Open descriptors', integer],
];

const CHARTS = [
  { title: 'Players online', format: integer, series: [['players_online', 'players'], ['connections', 'connections']] },
  { title: 'Ticks on time', format: percent, series: [['ticks_on_time_percent', 'on time']] },
  { title: 'Time until durable and slowest tick, p99', format: millis, series: [['durable_lag_p99_ms', 'durable'], ['worst_tick_p99_ms', 'tick']] },
  { title: 'Commits per second', format: (value) => compact(value), series: [['commits_per_s', 'commits']] },
  { title: 'Errors per second', format: (value) => decimal(value, 1), series: [['errors_per_s', 'errors']] },
  { title: 'Money supply', format: compact, min: null, series: [['money_supply_credits', 'credits']] },
  { title: 'Processor', format: percent, series: [['cpu_percent', 'one core = 100 %']] },
  { title: 'Memory', format: bytes, binary: true, series: [['rss_bytes', 'resident']] },
  { title: 'Open descriptors', format: integer, series: [['open_fds', 'open']] },
];

function mount(root, params, ctx) {
  const state = h('div', {}, loading());
  const figures = h('dl', { class: 'figures' });
  const charts = CHARTS.map(({ series, ...rest }) => lineChart({ ...rest, series: series.map(([name, label]) => ({ name, label })) }));
  const note = h('div', {});
  const grid = h('div', { class: 'grid' }, charts.map((chart) => h('section', { class: 'panel' }, chart.element)));
  const spans = h('div', { class: 'segments', role: 'group', 'aria-label': 'Time span of the charts' }, SPANS.map(([span, label]) => button(label, () => choose(span), { 'data-span': span })));
  let live = null;
  ctx.actions(spans);
  const findings = h('div', { role: 'status' });
  let found = '[]';
  fill(root, state, findings, figures, note, grid);
  ctx.poll({ every: HEALTH_MS, load: (signal) => api.get('/health', { signal }), onData: ({ checks }) => showFindings(checks) });
  choose(SPANS.some(([span]) => span === ctx.query.get('span')) ? ctx.query.get('span') : '1h');

  async function choose(span) {
    for (const item of spans.children) item.setAttribute('aria-pressed', String(item.dataset.span === span));
    ctx.setQuery({ span: span === '1h' ? null : span });
    live?.stop();
    try {
      const history = await api.get('/overview/history', { query: { span }, signal: ctx.signal });
      const [, , minutes] = SPANS.find(([name]) => name === span);
      charts.forEach((chart) => chart.set({ ...history, span_ms: minutes * MINUTE_MS }));
      fill(note);
    } catch (error) {
      if (ctx.signal.aborted) return;
      fill(note, failure(error, () => choose(span)));
    }
    if (ctx.signal.aborted) return;
    live = ctx.poll({ every: LIVE_MS, load: (signal) => api.get('/overview', { signal }), onData: show, onError: (error) => fill(state, failure(error)) });
  }

  /** What is out of order, worst first, until it is in order again. */
  function showFindings(checks) {
    const order = { fail: 0, warn: 1 };
    const list = checks.filter(({ status }) => status in order).sort((left, right) => order[left.status] - order[right.status])
      .flatMap(({ status, findings: texts }) => texts.map((text) => [status, text]));
    if (JSON.stringify(list) === found) return;
    found = JSON.stringify(list);
    const shown = list.slice(0, FINDINGS_MAX);
    fill(findings, shown.map(([status, text]) => h('p', { class: `notice ${status === 'fail' ? 'bad' : 'warn'}` }, text, ' ', link('/health', 'Advice'))),
      list.length > shown.length && h('p', {}, link('/health', `and ${list.length - shown.length} more`)));
  }

  function show(now) {
    fill(state, h('div', { class: 'toolbar' },
      link('/health', badge(`Health ${now.health.score} of 100`, now.health.status)),
      h('span', { class: 'muted' }, `Orrery ${now.version}, up for ${seconds(now.uptime_s)}`)));
    fill(figures, FIGURES.map(([name, label, format, judge]) => h('div', { class: `figure ${now[name] === null || now[name] === undefined ? '' : judge?.(now[name]) ?? ''}` },
      h('dt', {}, label), h('dd', {}, format(now[name], now)))));
    charts.forEach((chart) => chart.push(now.now_ms, now));
  }
}

export default { title: 'Overview', path: '/overview', role: 'viewer', group: 'Live', keys: 'g o', mount };
