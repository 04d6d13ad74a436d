// Parts of a screen that are drawn again while somebody looks at them.
//
//   const part = livePart((data) => [nodes]);      root.append(part.element); part.set(data)
//     draws only when the data differ from those drawn, and not under somebody's hands: while text is selected or a field has the focus, it waits; the focus
//     on a button or link stays at its place
//   countdown(ms)      a <time> that says 'in 3 min 2 s' and counts; 'over' afterwards. Counts as long as it is in the page
//   progress(part, whole, label)     a bar with its numbers

import { fill, h } from './dom.js';
import { duration, integer, stamp } from './format.js';

export function livePart(draw, props = {}) {
  const element = h('div', props);
  let drawn;
  return {
    element,
    set(data) {
      const text = JSON.stringify(data);
      if (text === drawn || inUse(element)) return;
      drawn = text;
      const at = [...element.querySelectorAll(PRESSED)].indexOf(document.activeElement);
      fill(element, draw(data));
      if (at >= 0) element.querySelectorAll(PRESSED)[at]?.focus();
    },
  };
}

const PRESSED = 'button, a[href]';

function inUse(element) {
  const selection = getSelection();
  const selecting = selection && !selection.isCollapsed && element.contains(selection.anchorNode);
  return selecting || (element.contains(document.activeElement) && document.activeElement.matches('input, select, textarea'));
}

const counting = new Set();
let timer = null;

export function countdown(ms) {
  if (ms === null || ms === undefined) return '–';
  const element = h('time', { datetime: new Date(ms).toISOString(), title: stamp(ms), class: 'countdown' });
  const entry = { element, ms, seen: false };
  tell(entry);
  counting.add(entry);
  timer ??= setInterval(tick, 1000);
  return element;
}

function tell({ element, ms }) {
  const rest = ms - Date.now();
  const text = rest > 0 ? `in ${duration(Math.ceil(rest / 1000) * 1000)}` : 'over';
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  for (const entry of counting) {
    // An element is made before it is put into the page, so it is dropped only when it has been there.
    if (entry.element.isConnected) entry.seen = true;
    else if (entry.seen || entry.missed) counting.delete(entry);
    else entry.missed = true;
    tell(entry);
  }
  if (counting.size > 0) return;
  clearInterval(timer);
  timer = null;
}

export function progress(part, whole, label) {
  return h('div', { class: 'progress-line' },
    h('progress', { max: Math.max(1, whole), value: Math.min(part, whole), 'aria-label': label }),
    h('span', { class: 'muted' }, `${integer(part)} of ${integer(whole)}`));
}
