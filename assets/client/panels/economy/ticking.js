// Count-downs and bars that move while a list stays as it is: elements carry their times, `tick` brings all of a panel up to date.

import { h } from '../../ui/dom.js';
import { countdown } from '../../ui/format.js';
import { progress } from './times.js';

/** A count-down to a time of the server's clock. `over` is said when it has come. */
export function until(dueMs, nowMs, over = 'over') {
  const node = h('time', { class: 'countdown', datetime: new Date(dueMs).toISOString(), 'data-due': dueMs, 'data-over': over });
  tickOne(node, nowMs);
  return node;
}

/** A bar from a beginning to an end. `label` says of what. */
export function bar(label, fromMs, dueMs, nowMs) {
  const node = h('div', { class: 'meter', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100, 'data-from': fromMs, 'data-due': dueMs },
    h('div', { class: 'meter__bar' }));
  tickOne(node, nowMs);
  return node;
}

export function tick(root, nowMs) {
  for (const node of root.querySelectorAll('[data-due]')) tickOne(node, nowMs);
}

function tickOne(node, nowMs) {
  const due = Number(node.dataset.due);
  if (node.dataset.from !== undefined) {
    const share = progress(Number(node.dataset.from), due, nowMs);
    node.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    node.firstElementChild.style.width = `${share * 100}%`;
    return;
  }
  const text = due <= nowMs ? node.dataset.over : countdown(due, nowMs);
  if (node.textContent !== text) node.textContent = text;
  node.classList.toggle('countdown--soon', due > nowMs && due - nowMs < 60_000);
}
