// Builds elements, for both pages. Data becomes text or attribute values, never markup: nothing here parses HTML, and nothing else in the pages may.
//
//   h('p', {class: 'muted'}, 'Hello ', h('b', {}, name))        children: nodes, texts, numbers; null, undefined and false are left out; arrays are flattened
//   h('button', {on: {click: save}, disabled: busy}, 'Save')    `on` adds listeners; true/false sets or omits an attribute
//   h('input', {value: text, checked: true, style: {width: '10rem'}})   `value`, `checked`, … are properties; `style` goes through the CSSOM (the content
//                                                               policy forbids style attributes)
//   svg('path', {d: '…'})                                       the same in the SVG namespace
//   fill(node, ...children)                                     replaces the children of a node
//   newId('field')                                              an id for label/for and aria-*

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
