// Short notices at the edge of the page, read out by screen readers.
//
//   toast('Saved.')   toast('No room in the hold.', {level: 'bad'})   levels: info, good, warn, bad; `action: {label, run}` adds a button
//   announce('3 players found')   for screen readers only

import { button, fill, h } from './dom.js';

const STAYS_MS = { info: 5000, good: 4000, warn: 8000, bad: 8000 };
/** What can be acted on, at least. */
const ACTION_STAYS_MS = 12_000;
const SHOWN_MAX = 4;

export function toast(text, { level = 'info', action } = {}) {
  const region = document.getElementById('toasts');
  const same = [...region.children].find((note) => note.dataset.text === text);
  same?.remove();
  const note = h('div', { class: `toast toast--${level}`, role: level === 'bad' ? 'alert' : 'status', 'data-text': text }, h('span', { class: 'toast__text' }, text),
    action && button(action.label, () => { close(); action.run(); }, { class: 'button--small' }),
    h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close this notice', on: { click: close } }, '×'));
  let timer = 0;
  function close() {
    clearTimeout(timer);
    note.remove();
  }
  const leave = () => { timer = setTimeout(close, Math.max(STAYS_MS[level] ?? STAYS_MS.info, action ? ACTION_STAYS_MS : 0)); };
  note.addEventListener('pointerenter', () => clearTimeout(timer));
  note.addEventListener('pointerleave', leave);
  note.addEventListener('focusin', () => clearTimeout(timer));
  note.addEventListener('focusout', leave);
  region.append(note);
  while (region.children.length > SHOWN_MAX) region.firstElementChild.remove();
  leave();
  return close;
}

export function announce(text) {
  const region = document.getElementById('announcer');
  fill(region);
  // A region that stays empty for a moment is read again even if the text is the same.
  setTimeout(() => fill(region, text), 50);
}
