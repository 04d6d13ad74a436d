// Tables: sorted, filtered, and paged by the server's cursors. At 390 px each row becomes a card.
//
//   const table = createTable({
//     caption: 'Players',                                  read by screen readers
//     columns: [{key: 'name', label: 'Name'},              text of row[key]
//               {key: 'credits', label: 'Credits', align: 'end', render: (row) => credits(row.credits)},   text, node or array
//               {key: 'kind', label: 'Kind', value: (row) => row.kind.order, sort: false}],                value: what to sort and filter by
//     rowKey: (row) => row.id,                             keeps focus when rows are replaced
//     href: (row) => `/players/${row.id}`,                 the first column becomes a link; Enter or a click on the row goes there
//     onOpen: (row) => …,                                  instead of href: Enter or click
//     actions: (row) => [button('Kick', …)],               a last column of buttons
//     filter: 'Filter by name',                            a field that filters the rows that are there (omit it when the server filters)
//     sort: {key: 'name', descending: false},              the order at the start; none: as given
//     onSort: (key, descending) => …,                      the server sorts: columns that it can sort have sort: 'server word'
//     oneWay: true,                                        … in one direction only
//     empty: 'No player matches.',
//   });
//   root.append(table.element); table.setRows(rows); table.setLoading(); table.setError(error, retry);
//
//   const list = pagedTable({...the same, load: ({cursor, signal}) => api.get('/players', {query: {cursor, limit: 50}, signal}), signal: ctx.signal});
//     loads at once; "Load more" follows next_cursor; list.reload() begins anew (after another filter); list.element; list.rows().
//     `every: 5000` in the options asks again so often as long as only the first page is shown and the tab is visible.
//
//   Keys inside the table: ↓ ↑ Home End move between rows, Enter opens.

import { h, fill, loading, failure, empty as emptyNote, newId } from './dom.js';
import { isAbort, poll } from './api.js';
import { announce } from './toast.js';
import { button } from './dialog.js';

export function createTable(options) {
  const { columns, rowKey = (row) => row.id, caption = '' } = options;
  const order = { key: options.sort?.key ?? null, descending: options.sort?.descending ?? false };
  const head = h('tr', { role: 'row' });
  const body = h('tbody', { role: 'rowgroup' });
  const note = h('div', { class: 'table-note' }, loading());
  const search = options.filter ? h('input', { type: 'search', placeholder: options.filter, 'aria-label': options.filter, class: 'filter' }) : null;
  const table = h('table', { role: 'table', class: 'data' }, h('caption', { class: 'visually-hidden' }, caption), h('thead', { role: 'rowgroup' }, head), body);
  const scroll = h('div', { class: 'table-scroll', role: 'region', 'aria-label': caption || 'Table', tabindex: '-1' }, table);
  const element = h('div', { class: 'table' }, search && h('div', { class: 'toolbar' }, search), scroll, note);
  let rows = null;
  let held = false;
  let late = false;

  const valueOf = (column, row) => (column.value ? column.value(row) : row[column.key]);
  search?.addEventListener('input', () => draw());
  body.addEventListener('keydown', (event) => moveFocus(event, body));
  body.addEventListener('pointerdown', hold);
  drawHead();

  function drawHead() {
    fill(head, columns.map((column) => headCell(column)), options.actions && h('th', { role: 'columnheader', scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Actions')));
  }

  function headCell(column) {
    const sortable = options.onSort ? typeof column.sort === 'string' : column.sort !== false;
    const key = options.onSort ? column.sort : column.key;
    const active = sortable && order.key === key;
    const direction = active ? (order.descending ? 'descending' : 'ascending') : sortable ? 'none' : null;
    const label = sortable
      ? h('button', { type: 'button', class: 'sort', on: { click: () => sortBy(key) } }, column.label, h('span', { class: 'arrow', 'aria-hidden': 'true' }, active ? (order.descending ? '▾' : '▴') : ''))
      : column.label;
    return h('th', { role: 'columnheader', scope: 'col', class: column.align ?? '', 'aria-sort': direction }, label);
  }

  function sortBy(key) {
    // Numbers are mostly wanted largest first when the server sorts; texts from a to z.
    order.descending = options.oneWay ? true : order.key === key ? !order.descending : Boolean(options.onSort);
    order.key = key;
    const focus = [...head.querySelectorAll('button')].indexOf(document.activeElement);
    drawHead();
    head.querySelectorAll('button')[focus]?.focus();
    if (options.onSort) options.onSort(key, order.descending);
    else draw();
  }

  function visibleRows() {
    const text = search?.value.trim().toLowerCase() ?? '';
    const matches = (row) => columns.some((column) => String(valueOf(column, row) ?? '').toLowerCase().includes(text));
    const shown = text ? rows.filter(matches) : [...rows];
    const column = columns.find((candidate) => candidate.key === order.key);
    if (column && !options.onSort) shown.sort((left, right) => compare(valueOf(column, left), valueOf(column, right)) * (order.descending ? -1 : 1));
    return shown;
  }

  /** Rows are not replaced between pressing and letting go: the click would be lost. */
  function hold() {
    held = true;
    const release = () => setTimeout(() => {
      held = false;
      if (late) draw();
    });
    document.addEventListener('pointerup', release, { once: true });
    document.addEventListener('pointercancel', release, { once: true });
  }

  function draw() {
    late = held;
    if (held) return;
    const focused = document.activeElement?.closest?.('tr')?.dataset.key;
    const inside = body.contains(document.activeElement);
    const control = inside ? [...document.activeElement.closest('tr').querySelectorAll('a, button')].indexOf(document.activeElement) : -1;
    const shown = visibleRows();
    fill(body, shown.map((row, index) => bodyRow(row, index)));
    scroll.hidden = shown.length === 0;
    fill(note, shown.length === 0 ? emptyNote(options.empty ?? 'Nothing here.') : null);
    if (!inside || focused === undefined) return;
    const again = [...body.rows].find((row) => row.dataset.key === focused);
    (again && control >= 0 ? again.querySelectorAll('a, button')[control] ?? again : again)?.focus();
  }

  function bodyRow(row, index) {
    const openable = options.href || options.onOpen;
    const element = h('tr', { role: 'row', 'data-key': String(rowKey(row)), tabindex: index === 0 ? '0' : '-1', class: openable ? 'openable' : '' },
      columns.map((column, at) => bodyCell(column, row, at)),
      options.actions && h('td', { role: 'cell', class: 'row-actions' }, options.actions(row)));
    if (openable) {
      element.addEventListener('click', (event) => { if (!event.target.closest('a, button, input, select') && !String(getSelection())) open(row); });
      element.addEventListener('keydown', (event) => { if (event.key === 'Enter' && event.target === element) open(row); });
    }
    return element;
  }

  function bodyCell(column, row, at) {
    const content = column.render ? column.render(row) : row[column.key] ?? '–';
    // One child: in a narrow window a cell is a grid of its label and that.
    const linked = at === 0 && options.href ? h('a', { href: `#${options.href(row)}` }, content) : content;
    return h('td', { role: 'cell', class: `${column.align ?? ''} ${column.class ?? ''}`.trim(), 'data-label': column.label }, h('div', { class: 'cell' }, linked));
  }

  function open(row) {
    if (options.onOpen) options.onOpen(row);
    else location.hash = options.href(row);
  }

  return {
    element,
    rows: () => rows ?? [],
    setRows: (next) => { rows = next; draw(); },
    setLoading: () => { if (rows === null) { scroll.hidden = true; fill(note, loading()); } },
    setError: (error, retry) => { if (rows === null) scroll.hidden = true; fill(note, failure(error, retry)); },
  };
}

function compare(left, right) {
  const none = (value) => value === null || value === undefined;
  if (none(left) || none(right)) return none(left) - none(right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left).localeCompare(String(right), 'en', { numeric: true, sensitivity: 'base' });
}

function moveFocus(event, body) {
  const row = event.target.closest('tr');
  if (event.target !== row) return;
  const rows = [...body.rows];
  const at = rows.indexOf(row);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (next === undefined || !rows[next]) return;
  event.preventDefault();
  row.tabIndex = -1;
  rows[next].tabIndex = 0;
  rows[next].focus();
}

export function pagedTable(options) {
  const table = createTable(options);
  const more = button('Load more', () => next(), { class: 'more' });
  const status = h('span', { class: 'muted', id: newId('count') });
  const foot = h('div', { class: 'table-foot', hidden: true }, status, more);
  let rows = [];
  let cursor = null;
  let run = 0;
  let pages = 0;

  async function next(fresh = false, quiet = false) {
    const mine = fresh ? ++run : run;
    if (!quiet) more.disabled = true;
    try {
      const page = await options.load({ cursor: fresh ? null : cursor, signal: options.signal });
      if (mine !== run) return;
      const before = fresh ? 0 : rows.length;
      rows = fresh ? page.items : [...rows, ...page.items];
      cursor = page.next_cursor ?? null;
      pages = fresh ? 1 : pages + 1;
      table.setRows(rows);
      foot.hidden = rows.length === 0;
      more.hidden = cursor === null;
      fill(status, `${rows.length} ${cursor === null ? 'in all' : 'so far'}`);
      if (!quiet) announce(`${rows.length - before} rows loaded`);
    } catch (error) {
      if (!isAbort(error) && mine === run) table.setError(error, () => next(fresh));
    } finally {
      if (!quiet) more.disabled = false;
    }
  }

  table.setLoading();
  if (options.every) poll({ every: options.every, signal: options.signal, load: () => (pages > 1 || more.disabled ? null : next(true, true)), onData: () => {} });
  else next(true);
  return { element: h('div', {}, table.element, foot), reload: () => next(true), rows: () => rows };
}
