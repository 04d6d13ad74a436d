// Every live actor: what waits in its mailbox, what it handles, what was slow. Sorted and filtered by the server; refreshed until one pauses it or pages on.

import { api, isAbort } from '../lib/api.js';
import { badge, failure, fill, h, link, select } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { openChange } from '../lib/change.js';
import { createTable } from '../lib/table.js';
import { ago, decimal, duration, integer, micros, shortId, words } from '../lib/format.js';
import { toast } from '../lib/toast.js';

const LIVE_MS = 2000;
const PAGE = 100;
const TYPING_MS = 250;
const UUID_CHARS = 36;
/** What may leave memory. Worlds, markets and missions are always needed. */
const PASSIVATED = ['player', 'guild', 'channel'];
const RESTARTED = [...PASSIVATED, 'market', 'mission', 'world'];
const ENDINGS = {
  passivate: { label: 'Passivate', told: 'It is stored and leaves memory; the next message brings it back.' },
  restart: { label: 'Restart', told: 'It begins anew from its last durable state. What was acknowledged is kept; messages that wait may be refused.' },
};

function mount(root, params, ctx) {
  const state = { kind: ctx.query.get('kind') ?? '', text: ctx.query.get('text') ?? '', sort: ctx.query.get('sort') ?? 'depth', rows: [], cursor: null, held: false };
  const kinds = select([['', 'All kinds']], '', { 'aria-label': 'Kind' });
  const text = h('input', { type: 'search', class: 'filter', placeholder: 'Filter by id or name', 'aria-label': 'Filter by id or name', value: state.text });
  const totals = h('p', { class: 'muted table-total' });
  const problem = h('div', {});
  const more = button('Load more', next, { class: 'more' });
  const pause = button('Pause', () => hold(!state.held), { 'aria-pressed': 'false' });
  const table = createTable({
    caption: 'Actors', empty: 'No actor matches.', rowKey: (row) => `${row.kind}:${row.id}`, sort: { key: state.sort, descending: true }, oneWay: true, onSort: (sort) => choose({ sort }),
    columns: [
      { key: 'name', label: 'Actor', sort: 'id', render: (row) => (row.kind === 'player' ? link(`/players/${row.id}`, nameOf(row)) : h('span', { title: row.id }, nameOf(row))) },
      { key: 'kind', label: 'Kind', sort: false, render: (row) => badge(words(row.kind)) },
      { key: 'depth', label: 'Waiting', sort: 'depth', align: 'end', render: (row) => integer(row.depth) },
      { key: 'per_second', label: 'Per second', sort: 'rate', align: 'end', render: (row) => decimal(row.per_second, 1) },
      { key: 'handled', label: 'Handled', sort: false, align: 'end', render: (row) => integer(row.handled) },
      { key: 'slowest_us', label: 'Slowest', sort: 'slowest', render: (row) => [h('span', { class: 'nowrap' }, micros(row.slowest_us)), ' ', h('span', { class: 'muted' }, row.slowest_message)] },
      { key: 'last_commit_ms', label: 'Last commit', sort: 'commit', render: (row) => ago(row.last_commit_ms) },
      { key: 'idle_ms', label: 'Idle', sort: false, align: 'end', render: (row) => duration(row.idle_ms) },
    ],
    actions: ctx.can('admin') ? (row) => [PASSIVATED.includes(row.kind) && button('Passivate', () => act(row, 'passivate')), RESTARTED.includes(row.kind) && button('Restart', () => act(row, 'restart'))] : undefined,
  });
  let timer = null;
  kinds.addEventListener('change', () => choose({ kind: kinds.value }));
  text.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(() => choose({ text: text.value.trim() }), TYPING_MS); });
  ctx.actions(pause);
  ctx.shortcut({ keys: 'p', label: 'Pause or go on', run: () => hold(!state.held) });
  fill(root, h('div', { class: 'toolbar' }, kinds, text), totals, problem, table.element, h('div', { class: 'table-foot' }, h('span', {}), more));
  more.hidden = true;
  table.setLoading();
  const live = ctx.poll({ every: LIVE_MS, load, onData: show, onError: (error) => (state.rows.length ? fill(problem, failure(error)) : table.setError(error, () => live.now())) });

  function load(signal, cursor = null) {
    const { kind, text: search, sort } = state;
    return api.get('/actors', { query: { kind, text: search, sort, limit: PAGE, cursor }, signal });
  }

  function show(page) {
    // Focus inside a row would be lost under the hands of who is about to press a button; the table restores it.
    state.rows = page.items;
    state.cursor = page.next_cursor ?? null;
    fill(problem);
    draw();
    const counts = Object.entries(page.totals ?? {});
    fill(totals, counts.map(([kind, count]) => `${integer(count)} ${words(kind)}`).join(' · '));
    if (kinds.options.length === 1) {
      kinds.append(...counts.map(([kind]) => h('option', { value: kind }, words(kind))));
      kinds.value = state.kind;
    }
  }

  function draw() {
    table.setRows(state.rows);
    more.hidden = state.cursor === null;
  }

  function choose(change) {
    Object.assign(state, change);
    ctx.setQuery({ kind: state.kind, text: state.text, sort: state.sort === 'depth' ? null : state.sort });
    hold(false);
  }

  function hold(on) {
    state.held = on;
    pause.setAttribute('aria-pressed', String(on));
    fill(pause, on ? 'Go on' : 'Pause');
    if (on) live.pause();
    else live.resume();
  }

  async function next() {
    hold(true);
    try {
      const page = await load(ctx.signal, state.cursor);
      state.rows = [...state.rows, ...page.items];
      state.cursor = page.next_cursor ?? null;
      draw();
    } catch (error) {
      if (!isAbort(error)) toast(error.message, 'bad');
    }
  }

  function act(row, what) {
    const { label, told } = ENDINGS[what];
    openChange({
      title: `${label} ${words(row.kind)} ${nameOf(row)}`, intro: told, path: `/actors/${encodeURIComponent(row.kind)}/${encodeURIComponent(row.id)}/${what}`,
      envelope: (_, reason, dry_run) => ({ reason, dry_run }), danger: true, confirm: label, lasting: 'Nothing is to be undone: what was stored is loaded again when it is needed.',
      onDone: () => live.now(),
    });
  }
}

/** What an actor is called: of which there is only one has no other name than its kind; of a talk between two the ends of their ids are enough. */
function nameOf({ kind, id, name }) {
  if (id === 'node') return words(kind);
  return kind === 'channel' ? id.split(':').map((part) => (part.length === UUID_CHARS ? `…${shortId(part)}` : part)).join(':') : name || id;
}

export default { title: 'Actors', path: '/actors', role: 'viewer', group: 'Live', keys: 'g a', mount };
