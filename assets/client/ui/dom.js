// Elements in the look of this page, on top of `shared/elements.js`.
//
//   button('Save', save, {class: 'button--primary'})            a button of the page's look
//   field('Price', input, 'credits per piece')                  a control with its label and hint
//   select([['sol', 'Sol'], …], 'sol', {on: {change}})          a select from [value, label] pairs
//   loading(), failure(error, retry), empty('Nothing yet.')     the three states that every list has

import { fill, h, newId } from '../../shared/elements.js';

export { fill, h, newId, svg } from '../../shared/elements.js';

export const badge = (text, kind = '') => h('span', { class: `badge ${kind && `badge--${kind}`}` }, text);

export function button(label, click, props = {}) {
  return h('button', { type: 'button', ...props, class: `button ${props.class ?? ''}`, on: { click, ...props.on } }, label);
}

/** A labelled control. Returns the whole row. */
export function field(label, control, help) {
  control.id ||= newId('field');
  const hint = help ? h('p', { class: 'field__help', id: newId('help') }, help) : null;
  if (hint) control.setAttribute('aria-describedby', hint.id);
  return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, hint);
}

/** A select from [[value, label], …] or [value, …]. */
export function select(options, value, props = {}) {
  const entries = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  return h('select', { ...props, value }, entries.map(([key, label]) => h('option', { value: key }, label)));
}

/** A part of a panel with a heading. */
export function section(title, ...children) {
  const id = newId('section');
  return h('section', { class: 'section', 'aria-labelledby': id }, h('h3', { id }, title), children);
}

/**
 * Tabs: `entries` are [key, label] pairs, `show(key)` fills the part below. Arrow keys go from one to the next.
 * @returns {{element: HTMLElement, body: HTMLElement, select: (key: string) => void, label: (key: string, ...content: any[]) => void}}
 */
export function tabs(name, entries, current, show) {
  const body = h('div', { class: 'tabs__body', role: 'tabpanel', id: newId('tab-body') });
  const buttons = new Map(entries.map(([key, label]) => [key, h('button', {
    type: 'button', role: 'tab', id: newId('tab'), 'aria-controls': body.id, on: { click: () => choose(key), keydown: (event) => step(event, key) },
  }, label)]));
  function choose(key) {
    for (const [other, node] of buttons) {
      node.setAttribute('aria-selected', String(other === key));
      node.tabIndex = other === key ? 0 : -1;
    }
    body.setAttribute('aria-labelledby', buttons.get(key).id);
    show(key);
  }
  function step(event, key) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const keys = [...buttons.keys()];
    const next = keys[(keys.indexOf(key) + move + keys.length) % keys.length];
    choose(next);
    buttons.get(next).focus();
  }
  const element = h('div', { class: 'tabs', role: 'tablist', 'aria-label': name }, [...buttons.values()]);
  queueMicrotask(() => choose(current));
  return { element, body, select: choose, label: (key, ...content) => fill(buttons.get(key), ...content) };
}

/** A bar for a share of something; `text` says the same in words. */
export function meter(value, max, text) {
  const share = max > 0 ? Math.min(1, value / max) : 0;
  return h('div', { class: 'meter', role: 'meter', 'aria-valuemin': 0, 'aria-valuemax': max, 'aria-valuenow': Math.min(value, max), 'aria-valuetext': text, 'aria-label': text },
    h('div', { class: 'meter__bar', style: { width: `${share * 100}%` } }));
}

export const loading = (text = 'Loading…') => h('p', { class: 'state-note', role: 'status' }, text);

export const empty = (text) => h('p', { class: 'state-note' }, text);

export function failure(text, retry) {
  return h('div', { class: 'state-note state-note--bad', role: 'alert' }, h('p', {}, String(text?.message ?? text)), retry && button('Try again', retry));
}
