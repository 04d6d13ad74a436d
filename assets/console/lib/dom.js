// Builds elements. Data becomes text or attribute values, never markup: nothing here parses HTML, and nothing else in the page may.
//
//   h('p', {class: 'note'}, 'Hello ', h('b', {}, name))     children: nodes, texts, numbers; null, undefined and false are left out; arrays are flattened
//   h('button', {on: {click: save}, disabled: busy}, 'Save')   `on` adds listeners; true/false sets or omits an attribute
//   h('input', {value: text, checked: true, style: {width: '10rem'}})   `value`, `checked`, … are properties; `style` goes through the CSSOM (the content
//                                                              policy forbids style attributes)
//   svg('path', {d: '…', class: 'line'})                      the same in the SVG namespace
//   fill(node, ...children)                                   replaces the children of a node
//   link('/players/' + id, name)                              a link to a screen
//   newId('field')                                            an id for label/for and aria-*
//   definitions([['Created', time(x)], …])                    a dense list of names and values (<dl>)
//   section('Wallet', ...children)                            a panel with a heading
//   badge('banned', 'bad')                                    kinds: ok, warn, bad, info, (none)
//   loading(), failure(error, retry), empty('No players')     the three states that every screen has

const PROPERTIES = new Set(['value', 'checked', 'selected', 'disabled', 'open', 'indeterminate', 'readOnly', 'required', 'hidden']);
let ids = 0;

export const newId = (prefix = 'id') => `${prefix}-${++ids}`;

export function h(tag, props, ...children) {
  return build(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

function build(node, props, children) {
  // A select gets its value only when its options are there.
  append(node, children);
  for (const [name, value] of Object.entries(props ?? {})) set(node, name, value);
  return node;
}

function set(node, name, value) {
  if (value === undefined || value === null) return;
  if (name === 'on') {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (name === 'style') {
    for (const [property, text] of Object.entries(value)) node.style.setProperty(property, text);
  } else if (PROPERTIES.has(name) && name in node) {
    node[name] = value;
  } else if (value === true) {
    node.setAttribute(name, '');
  } else if (value !== false) {
    node.setAttribute(name, String(value));
  }
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

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
