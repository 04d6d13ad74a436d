// Pieces that the economy's panels share: the choice of a hub, tables, amounts, and lists that are drawn anew without losing the keyboard's place.

import { badge, button, field, fill, h } from '../../ui/dom.js';
import { goodsOf } from '../../ui/format.js';
import { searchField } from '../../ui/search.js';
import { hubPlace } from '../../ui/way.js';
import { allHubs, inWorld } from './known.js';
import { wholeNumber } from './rules.js';

const PRESS_MS = 80;
/** Node → its newest children, and the first one that they are to replace; of nodes on which somebody presses just now. */
const pressed = new Map();

/**
 * Replaces a node's children; while somebody presses on one of them that waits, so that the press is not lost. Who was on a control with a `data-key` in it is on the new one afterwards, or, when that is gone, at the node itself, so that
 * the next Tab goes on from here.
 */
export function refill(node, ...children) {
  if (node.matches(':active')) {
    if (!pressed.has(node)) setTimeout(afterPress, PRESS_MS, node);
    pressed.set(node, { children, instead: node.firstChild });
    return;
  }
  pressed.delete(node);
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  fill(node, ...children);
  if (focused === null || node.contains(focused)) return;
  const same = focused.dataset.key !== undefined && node.querySelector(`[data-key="${CSS.escape(focused.dataset.key)}"]`);
  if (!same) node.tabIndex = -1;
  (same || node).focus({ preventScroll: true });
}

function afterPress(node) {
  const { children, instead } = pressed.get(node) ?? {};
  pressed.delete(node);
  // Unless the press itself has put something else there.
  if (children && node.firstChild === instead) refill(node, ...children);
}

/**
 * A table: `heads` are texts, `{label, number: true}` for columns of numbers, `{label, hidden: true}` for a column whose title is only read out,
 * or with `short`, the word that stands there for a title that is read out and told to a resting pointer;
 * `rows` are arrays of cells or `{cells, class}`. The first cell of a row is its header.
 */
export function table(caption, heads, rows, { showCaption = false } = {}) {
  const columns = heads.map((head) => (typeof head === 'string' ? { label: head } : head));
  const title = h('caption', { class: showCaption ? 'table__caption' : 'visually-hidden' }, caption);
  const head = h('tr', {}, columns.map((column) => h('th', { scope: 'col', class: column.number && 'end', title: column.short && column.label }, headOf(column))));
  const body = rows.map((row) => {
    const { cells, class: look } = Array.isArray(row) ? { cells: row } : row;
    return h('tr', { class: look }, cells.map((cell, index) => h(index === 0 ? 'th' : 'td', { scope: index === 0 && 'row', class: columns[index]?.number && 'end' }, cell)));
  });
  return h('div', { class: 'table-box' }, h('table', { class: 'table' }, title, h('thead', {}, head), h('tbody', {}, body)));
}

function headOf({ label, short, hidden }) {
  if (hidden) return h('span', { class: 'visually-hidden' }, label);
  return short ? [h('span', { 'aria-hidden': 'true' }, short), h('span', { class: 'visually-hidden' }, label)] : label;
}

/** A button that looks like a link and opens something; `key` keeps the keyboard's place. */
export const opener = (label, click, key, props = {}) => h('button', { type: 'button', class: 'link', 'data-key': key, ...props, on: { click } }, label);

/**
 * A list, and in its place what is opened from it: `list(choose)` gives what the list consists of, `detail(root, scope, entry, back)` fills the place of one entry.
 * `search`, if given, is the label of a field that long lists get. Returns `{show, choose}`: draws the list anew, and opens an entry, or with null the list.
 */
export function listOrDetail(root, scope, { list, detail, search = null, least }) {
  const [all, one] = [h('div', { class: 'stack' }), h('div', { class: 'stack' })];
  const find = search === null ? null : searchField(search, { least });
  let [open, part] = [null, null];
  root.append(...[find?.element, all, one].filter(Boolean));

  function show() {
    all.hidden = open !== null;
    if (open === null) {
      refill(all, list(choose));
      find?.apply(all);
    } else if (find) find.element.hidden = true;
  }
  function choose(entry) {
    open = entry;
    part?.close();
    part = scope.part();
    const within = one.contains(document.activeElement);
    fill(one);
    show();
    if (entry === null && within) all.querySelector('button')?.focus({ preventScroll: true });
    if (entry !== null) detail(one, part, entry, () => choose(null));
  }
  return { show, choose };
}

/** The heading of a part that was opened from a list. */
export function backBar(title, back, label = 'Back to the list') {
  return h('div', { class: 'back' }, button('‹ Back', back, { class: 'button--small', 'aria-label': label }), h('h3', { tabindex: '-1' }, title));
}

/** A number field: `{row, value(), set(n)}`; `value()` is null while there is no whole number in it. `all` adds a button that sets the most there can be. */
export function amount(label, { start = 1, min = 1, unit = '', help, all } = {}) {
  const input = h('input', { type: 'number', inputmode: 'numeric', min, step: 1, value: String(start), autocomplete: 'off', required: true });
  const row = field(unit ? `${label} (${unit})` : label, input, help);
  const set = (value) => {
    input.value = String(value);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  if (all) {
    const most = button('All', () => set(Math.max(min, all())), { class: 'button--small', 'aria-label': 'All: as many as possible' });
    const box = h('div', { class: 'amount' });
    input.replaceWith(box);
    box.append(input, most);
  }
  return { row, input, set, value: () => wholeNumber(input.value) };
}

/** Tells from when on somebody has a form under the finger: what it suggests must not change any more between looking and pressing. */
export function touched(element) {
  let is = false;
  for (const event of ['focusin', 'pointermove', 'pointerdown']) element.addEventListener(event, () => { is = true; });
  return () => is;
}

const chosen = new WeakMap();

/** The hub that panels look at first: the one in reach, the one looked at last, or the first of this world. */
export function firstHub(game, wanted) {
  const hubs = allHubs(game.catalog);
  const is = (key) => hubs.some(({ hub }) => hub.key === key);
  if (is(wanted)) return wanted;
  if (game.state.hub) return game.state.hub;
  if (is(chosen.get(game))) return chosen.get(game);
  return (hubs.find(({ hub }) => inWorld(game, hub.key)) ?? hubs[0]).hub.key;
}

/** The choice of a hub, with whether the ship is there and a way to it. `change(key)` is called when another one is chosen. */
export function hubPicker(game, scope, current, change) {
  const groups = new Map();
  for (const { hub, sector } of allHubs(game.catalog)) {
    if (!groups.has(sector.key)) groups.set(sector.key, { sector, hubs: [] });
    groups.get(sector.key).hubs.push(hub);
  }
  const choice = h('select', { value: current, on: { change: () => pick(choice.value) } },
    [...groups.values()].map(({ sector, hubs }) => h('optgroup', { label: sector.name }, hubs.map((hub) => h('option', { value: hub.key }, hub.name)))));
  const place = h('p', { class: 'hub-place' });
  const element = h('div', { class: 'hub-picker' }, field('Hub', choice), place);

  function pick(key) {
    chosen.set(game, key);
    if (choice.value !== key) choice.value = key;
    showPlace();
    change(key);
  }
  function showPlace() {
    refill(place, hubPlace(game, choice.value));
  }
  chosen.set(game, current);
  scope.watch((_, changed) => { if (changed.has('hub') || changed.has('world')) showPlace(); });
  return { element, pick, get hub() { return choice.value; } };
}

/** A player in a list: “you”, or a button that opens the card. */
export function person(game, id, nobody = 'the hub') {
  if (id === null || id === undefined) return nobody;
  if (id === game.client.player) return badge('you', 'good');
  const name = game.people.name(id);
  return opener(name, () => game.selectPlayer(id, name), `person-${id}`);
}

/** Names and values, one below the other: `[[name, value], …]`; what is false is left out. */
export const sums = (pairs, look = '') => h('dl', { class: `sums ${look}` }, sumRows(pairs));

export const sumRows = (pairs) => pairs.filter(Boolean).map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value)));

/** “12 Water ice” */
export const goods = (game, item, quantity) => goodsOf(quantity, game.name('item', item));

/** A choice among all goods of the catalogue, by name. */
export function itemChoice(game, label, current) {
  const items = Object.values(game.catalog.items).sort((a, b) => a.name.localeCompare(b.name));
  const input = h('select', { value: current ?? items[0].key }, items.map((item) => h('option', { value: item.key }, item.name)));
  return { row: field(label, input), input, value: () => input.value };
}

/** A choice of how long something lasts, within the catalogue's bounds. Seconds. */
export function lengthChoice(label, rules, start) {
  const all = [[60, '1 minute'], [600, '10 minutes'], [3600, '1 hour'], [6 * 3600, '6 hours'], [86400, '1 day'], [3 * 86400, '3 days'], [604800, '7 days'], [1209600, '14 days']];
  const fits = all.filter(([seconds]) => seconds >= rules.seconds_min && seconds <= rules.seconds_max);
  const offered = fits.length > 0 ? fits : [[rules.seconds_min, `${rules.seconds_min} seconds`]];
  const first = offered.some(([seconds]) => seconds === start) ? start : offered[Math.floor(offered.length / 2)][0];
  const input = h('select', { value: String(first) }, offered.map(([seconds, text]) => h('option', { value: String(seconds) }, text)));
  return { row: field(label, input), input, value: () => Number(input.value) };
}
