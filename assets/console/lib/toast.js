// Short notices at the edge of the page, read out by screen readers.
//
//   toast('Saved.')   toast('The store does not answer.', 'bad')   kinds: '', ok, warn, bad. Bad ones stay until closed.
//   announce('3 players found')   for screen readers only

import { h, fill } from './dom.js';

const STAYS_MS = 6000;

export function toast(text, kind = 'ok') {
  const close = () => note.remove();
  const note = h('div', { class: `toast ${kind}`, role: kind === 'bad' ? 'alert' : 'status' }, h('span', {}, text),
    h('button', { type: 'button', class: 'quiet', 'aria-label': 'Close this notice', on: { click: close } }, '×'));
  document.getElementById('toasts').append(note);
  if (kind !== 'bad') setTimeout(close, STAYS_MS);
}

export function announce(text) {
  const region = document.getElementById('announcer');
  fill(region);
  // A region that stays empty for a moment is read again even if the text is the same.
  setTimeout(() => fill(region, text), 50);
}
