// Persister and store: how far what happened is durable, how batches go, what is under way in the outbox, how large the tables are.

import { api } from '../lib/api.js';
import { badge, failure, fill, h, loading, section } from '../lib/dom.js';
import { lineChart } from '../lib/chart.js';
import { createTable, pagedTable } from '../lib/table.js';
import { ago, bytes, compact, credits, decimal, goods, integer, millis, time, words } from '../lib/format.js';
import { button } from '../lib/dialog.js';

const LIVE_MS = 2000;
const KEPT_MS = 300_000;

const FIGURES = [
  ['queue_commits', 'Waiting commits', (now) => `${integer(now.queue_commits)} of ${compact(now.queue_max)}`, (now) => (now.queue_commits > now.queue_max / 2 ? 'bad' : '')],
  ['oldest_wait_ms', 'Oldest waits', (now) => millis(now.oldest_wait_ms)], ['commits_per_s', 'Commits per second', (now) => decimal(now.commits_per_s, 0)],
  ['batches_per_s', 'Batches per second', (now) => decimal(now.batches_per_s, 1)], ['rows_per_batch_p50', 'Rows per batch', (now) => integer(now.rows_per_batch_p50)],
  ['batch_p50_ms', 'Batch p50', (now) => millis(now.batch_p50_ms)], ['batch_p99_ms', 'Batch p99', (now) => millis(now.batch_p99_ms)],
  ['durable_lag_p50_ms', 'Durable after, p50', (now) => millis(now.durable_lag_p50_ms)], ['durable_lag_p99_ms', 'Durable after, p99', (now) => millis(now.durable_lag_p99_ms)],
  ['batch_mark', 'Batch mark', (now) => integer(now.batch_mark)], ['store_errors', 'Store errors', (now) => integer(now.store_errors), (now) => (now.store_errors > 0 ? 'warn' : '')],
  ['outbox', 'Outbox', (now) => integer(now.outbox.rows)],
  ['outbox_oldest', 'Oldest in the outbox', (now) => millis(now.outbox.oldest_ms)], ['bytes', 'Size', (now) => bytes(now.bytes)],
];

function mount(root, params, ctx) {
  const state = h('div', {}, loading());
  const figures = h('dl', { class: 'figures' });
  const charts = [
    lineChart({ title: 'Durable after', format: millis, series: [{ name: 'durable_lag_p50_ms', label: 'p50' }, { name: 'durable_lag_p99_ms', label: 'p99' }] }),
    lineChart({ title: 'Commits per second', format: compact, series: [{ name: 'commits_per_s', label: 'commits' }] }),
    lineChart({ title: 'Waiting commits', format: compact, series: [{ name: 'queue_commits', label: 'waiting' }] }),
  ];
  for (const chart of charts) chart.set({ from_ms: Date.now(), step_ms: LIVE_MS / 2, series: {}, span_ms: KEPT_MS });
  const tables = createTable({
    caption: 'Tables', rowKey: (row) => row.table, sort: { key: 'rows', descending: true }, empty: 'No tables.',
    columns: [{ key: 'table', label: 'Table' }, { key: 'rows', label: 'Rows', align: 'end', render: (row) => `${{ estimate: 'about ', at_least: 'at least ' }[row.counted] ?? ''}${integer(row.rows)}` }, { key: 'bytes', label: 'Size', align: 'end', render: (row) => bytes(row.bytes) }],
  });
  const outbox = pagedTable({
    caption: 'Transfers under way', empty: 'Nothing is under way.', signal: ctx.signal,
    load: ({ cursor, signal }) => api.get('/outbox', { query: { cursor, limit: 50 }, signal }),
    columns: [
      { key: 'id', label: 'Transfer', sort: false, render: (row) => h('code', {}, row.id) }, { key: 'from', label: 'From', sort: false }, { key: 'to', label: 'To', sort: false },
      { key: 'holdings', label: 'What', sort: false, render: (row) => holdings(row.holdings) }, { key: 'reason', label: 'Reason', sort: false, render: (row) => words(row.reason) },
      { key: 'since_ms', label: 'Since', sort: false, render: (row) => ago(row.since_ms) },
    ],
  });
  fill(root, state, figures, h('div', { class: 'grid' }, charts.map((chart) => h('section', { class: 'panel' }, chart.element))),
    section('Outbox', h('div', { class: 'toolbar' }, button('Look again', () => outbox.reload())), outbox.element), section('Tables', tables.element));
  ctx.poll({ every: LIVE_MS, load: (signal) => api.get('/store', { signal }), onData: show, onError: (error) => fill(state, failure(error)) });

  function show(now) {
    fill(state, h('div', { class: 'toolbar' }, badge(now.up ? `${now.backend} answers` : `${now.backend} does not answer`, now.up ? 'ok' : 'bad')),
      now.last_error && h('p', { class: 'notice warn' }, 'Last error ', time(now.last_error.at_ms), ': ', now.last_error.text));
    fill(figures, FIGURES.map(([, label, format, judge]) => h('div', { class: `figure ${judge?.(now) ?? ''}` }, h('dt', {}, label), h('dd', {}, format(now)))));
    charts.forEach((chart) => chart.push(Date.now(), now));
    tables.setRows(now.tables);
  }
}

const holdings = (value) => [value?.credits ? credits(value.credits) : null, Object.keys(value?.goods ?? {}).length ? goods(value.goods) : null].filter(Boolean).join(', ') || '–';

export default { title: 'Persister and store', path: '/store', role: 'viewer', group: 'Machine room', keys: 'g s', mount };
