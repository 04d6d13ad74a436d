// Players: found by any name or id while one types, filtered, a page at a time.

import { api } from '../lib/api.js';
import { badge, h } from '../lib/dom.js';
import { credits, shortId, time } from '../lib/format.js';
import { pagedTable } from '../lib/table.js';

const TYPING_MS = 150;
const PAGE = 50;
const FILTERS = [['online', 'On line'], ['banned', 'Banned'], ['muted', 'Muted']];

export default { title: 'Players', path: '/players', role: 'viewer', group: 'Players', keys: 'g p', mount };

function mount(root, params, ctx) {
  const text = h('input', {
    type: 'search', class: 'filter', value: ctx.query.get('text') ?? '', placeholder: 'Name or id', 'aria-label': 'Name or id', autocomplete: 'off', spellcheck: 'false', maxlength: 64,
  });
  const boxes = FILTERS.map(([name, label]) => {
    const input = h('input', { type: 'checkbox', checked: ctx.query.get(name) === 'true' });
    return { name, input, row: h('label', { class: 'check' }, input, ' ', label) };
  });
  const wanted = () => ({ text: text.value.trim(), ...Object.fromEntries(boxes.map(({ name, input }) => [name, input.checked ? 'true' : null])) });
  const list = pagedTable({
    caption: 'Players', columns: columns(), href: ({ id }) => `/players/${id}`, signal: ctx.signal, empty: 'No player matches.',
    load: ({ cursor, signal }) => api.get('/players', { query: { ...wanted(), cursor, limit: PAGE }, signal }),
  });

  const search = () => {
    ctx.setQuery(wanted());
    return list.reload();
  };
  let timer = null;
  text.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(search, TYPING_MS);
  });
  text.addEventListener('keydown', async (event) => {
    if (event.key !== 'Enter') return;
    clearTimeout(timer);
    await search();
    if (list.rows().length === 1) ctx.go(`/players/${list.rows()[0].id}`);
  });
  boxes.forEach(({ input }) => input.addEventListener('change', search));
  root.append(h('div', { class: 'toolbar', role: 'search' }, text, boxes.map(({ row }) => row)), list.element);
  ctx.shortcut({ keys: 'f', label: 'Search for a player', run: () => text.focus() });
  return () => clearTimeout(timer);
}

function columns() {
  return [
    { key: 'name', label: 'Name', sort: false },
    { key: 'state', label: 'State', sort: false, render: states },
    { key: 'credits', label: 'Credits', align: 'end', sort: false, render: (row) => credits(row.credits) },
    { key: 'created_ms', label: 'Since', sort: false, render: (row) => time(row.created_ms) },
    { key: 'id', label: 'Id', sort: false, render: (row) => h('code', { title: row.id }, shortId(row.id)) },
  ];
}

function states(row) {
  return h('span', { class: 'badges' },
    row.online ? badge('on line', 'ok') : badge('off line'), row.guest && badge('guest'),
    row.banned_until_ms !== null && badge('banned', 'bad'), row.muted_until_ms !== null && badge('muted', 'warn'));
}
