// What the operators tell everybody, as lines below the top bar: each until its time, until it is over, or until the player closes it. Maintenance counts down and stays.

import { h } from './dom.js';
import { countdown } from './format.js';

const KIND = { info: 'info', warning: 'warn', maintenance: 'bad' };

export function announcements(client) {
  const element = h('div', { class: 'banners__list' });
  const shown = new Map();
  const closed = new Set();

  function remove(id) {
    shown.get(id)?.element.remove();
    shown.delete(id);
  }

  function add(announcement) {
    const id = announcement.announcement;
    if (announcement.over) return remove(id);
    if (closed.has(id) || ended(announcement)) return undefined;
    remove(id);
    const left = h('b', { class: 'banner__count' });
    const line = h('div', { class: `banner banner--${KIND[announcement.level] ?? 'info'}`, role: announcement.level === 'info' ? 'status' : 'alert' },
      h('span', {}, announcement.text, ' ', left),
      announcement.level !== 'maintenance' && h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close this announcement', on: { click: () => { closed.add(id); remove(id); } } }, '×'));
    shown.set(id, { announcement, element: line, left });
    element.append(line);
    return count();
  }

  const ended = ({ until_ms: untilMs }) => untilMs !== null && untilMs !== undefined && untilMs <= Date.now();

  function count() {
    for (const [id, { announcement, left }] of shown) {
      if (ended(announcement)) remove(id);
      else if (announcement.starts_ms) left.textContent = announcement.starts_ms > Date.now() ? `The galaxy closes in ${countdown(announcement.starts_ms)}.` : 'The galaxy is closed for maintenance.';
    }
  }

  const timer = setInterval(count, 1000);
  const offs = [client.on('announcement', add), client.on('welcome', () => [...shown.keys()].forEach(remove))];
  return { element, stop: () => { clearInterval(timer); offs.forEach((off) => off()); } };
}
