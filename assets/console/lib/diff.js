// What a change changes: a table of the values before and after.
//
//   diffView(before, after)    rows of path, before, after for every value that differs; a button shows the unchanged ones too. A third argument names the
//                              two sides: ['Then', 'Now'].
//   flatten(value)             Map of 'cargo.iron' → 5; used by the diff and by views of unknown documents. A list of different texts counts as a set:
//                              'known.ion_tuning' → true, so that one more or less is one row.

import { fill, h } from './dom.js';
import { button } from './dialog.js';
import { integer, stamp } from './format.js';

export function flatten(value, path = '', into = new Map()) {
  const nested = value !== null && typeof value === 'object' && Object.keys(value).length > 0;
  if (isSet(value)) value.forEach((entry) => into.set(path ? `${path}.${entry}` : entry, true));
  else if (!nested) into.set(path || 'value', value);
  else for (const [key, inner] of Object.entries(value)) flatten(inner, path ? `${path}.${key}` : key, into);
  return into;
}

const isSet = (value) => Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string') && new Set(value).size === value.length;

function text(path, value) {
  if (value === undefined || value === null) return h('span', { class: 'muted' }, 'none');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return h('span', { class: 'nowrap' }, path.endsWith('_ms') && value > 1e11 ? stamp(value) : integer(value) === '–' ? String(value) : Number.isInteger(value) ? integer(value) : String(value));
  if (typeof value === 'object') return Array.isArray(value) ? 'empty list' : 'empty';
  return String(value) === '' ? h('span', { class: 'muted' }, 'empty') : String(value);
}

export function diffView(before, after, [early, late] = ['Before', 'After']) {
  const left = flatten(before ?? {});
  const right = flatten(after ?? {});
  const known = [...new Set([...left.keys(), ...right.keys()])];
  // An empty list says nothing beside the entries of the other side.
  const paths = known.filter((path) => path !== 'value' && !known.some((other) => other.startsWith(`${path}.`)));
  const differs = (path) => JSON.stringify(left.get(path)) !== JSON.stringify(right.get(path)) && !(isEmpty(left.get(path)) && isEmpty(right.get(path)));
  const changed = paths.filter(differs);
  const rest = paths.filter((path) => !differs(path));
  const body = h('tbody', {});
  let all = false;
  const toggle = button('', () => { all = !all; draw(); }, { class: 'quiet' });

  function draw() {
    fill(body, changed.map((path) => row(path, 'changed')), all && rest.map((path) => row(path, 'unchanged')));
    fill(toggle, all ? 'Hide what stays' : `Show what stays (${rest.length})`);
    toggle.hidden = rest.length === 0;
  }

  function row(path, kind) {
    return h('tr', { class: kind }, h('th', { scope: 'row' }, label(path)),
      h('td', { class: 'before', 'data-label': early }, text(path, left.get(path))), h('td', { class: 'after', 'data-label': late }, text(path, right.get(path))));
  }

  draw();
  return h('div', { class: 'diff' },
    changed.length === 0 && h('p', { class: 'muted' }, 'Nothing would differ.'),
    (changed.length > 0 || rest.length > 0) && h('table', { class: 'data' }, h('caption', { class: 'visually-hidden' }, `Values: ${early}, ${late}`),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Value'), h('th', { scope: 'col' }, early), h('th', { scope: 'col' }, late))), body),
    toggle);
}

/** 'ban.until_ms' → 'ban › until' */
const label = (path) => path.replace(/_ms$/, '').replaceAll('_', ' ').replaceAll('.', ' › ');

const isEmpty = (value) => value === undefined || value === null;
