// Elements in the look of the console, on top of `shared/elements.js`.
//
//   link('/players/' + id, name)                              a link to a screen
//   definitions([['Created', time(x)], …])                    a dense list of names and values (<dl>)
//   section('Wallet', ...children)                            a panel with a heading
//   badge('banned', 'bad')                                    kinds: ok, warn, bad, info, (none)
//   loading(), failure(error, retry), empty('No players')     the three states that every screen has

import { h, newId } from '../../shared/elements.js';

export { fill, h, newId, svg } from '../../shared/elements.js';

export const link = (path, ...children) => h('a', { href: `#${path}` }, ...children);

export const badge = (text, kind = '') => h('span', { class: `badge ${kind}` }, text);

export const hiddenText = (text) => h('span', { class: 'visually-hidden' }, text);

export function definitions(pairs) {
  return h('dl', { class: 'definitions' }, pairs.filter(Boolean).map(([name, value]) => [h('dt', {}, name), h('dd', {}, value ?? '–')]));
}

export function section(title, ...children) {
  const id = newId('section');
  return h('section', { class: 'panel', 'aria-labelledby': id }, h('h2', { id }, title), ...children);
}

/** A labelled form field: `control` is an input, select or textarea. Returns the whole row. */
export function field(label, control, help) {
  control.id ||= newId('field');
  const hint = help ? h('p', { class: 'help', id: newId('help') }, help) : null;
  if (hint) control.setAttribute('aria-describedby', hint.id);
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, hint);
}

/** A select from [[value, label], …] or [value, …]. */
export function select(options, value, props = {}) {
  const entries = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  return h('select', { ...props, value }, entries.map(([key, label]) => h('option', { value: key }, label)));
}

export const loading = (text = 'Loading…') => h('p', { class: 'state loading', role: 'status' }, text);

export const empty = (text) => h('p', { class: 'state empty' }, text);

export function failure(error, retry) {
  return h('div', { class: 'state failure', role: 'alert' },
    h('p', {}, h('strong', {}, error.title ?? 'That did not work.'), ' ', error.message),
    retry && h('button', { type: 'button', on: { click: retry } }, 'Try again'));
}
