// The connection as the player sees it: a line while it is lost, and a page in front of all when it is over.
//
//   waitingWords(state)             what a connection that is not there yet waits for
//   connectionBanner(client)        → {element, stop}
//   closedDialog(state, explain)    resolves when the player goes on: {choice: 'again' | 'leave', reload}
//
// `state` is client.state.

import { button, fill, h } from './dom.js';
import { openDialog } from './dialog.js';
import { countdown, sentence, ticking } from './format.js';
import { closeWords } from './refusals.js';

/** Shorter interruptions are not worth a word. */
const QUIET_MS = 400;

export function waitingWords(state) {
  if (state.phase !== 'waiting') return 'Connecting…';
  const left = countdown(state.retryAtMs ?? 0);
  const again = left === 'now' ? 'Connecting again…' : `Next try in ${left}.`;
  if (state.refusal?.code === 'maintenance') return `${sentence(state.refusal.message || 'the galaxy is closed for maintenance')} ${again}`;
  if (state.code === 1013) return `The galaxy is full just now. ${again}`;
  if (state.code === 1012) return `${sentence(state.reason || 'the server restarts')} ${again}`;
  if (state.code === 1006 || !state.code) return `Connection lost. ${again}`;
  return `${closeWords(state.code).title}. ${again}`;
}

export function connectionBanner(client) {
  const text = h('span', {});
  const now = button('Try now', () => client.retryNow(), { class: 'button--small' });
  const element = h('div', { class: 'banner banner--warn', role: 'status', hidden: true }, h('span', { class: 'spinner spinner--small', 'aria-hidden': 'true' }), text, now);
  let stopTicking = () => {};
  let timer = 0;
  function show() {
    stopTicking();
    clearTimeout(timer);
    const { state } = client;
    if (state.phase === 'online' || state.phase === 'closed' || state.phase === 'idle') {
      element.hidden = true;
      return;
    }
    const appear = () => {
      element.hidden = false;
      // Where the server named the time, coming sooner helps nobody.
      now.hidden = client.state.phase !== 'waiting' || client.state.code !== 1006;
      stopTicking = ticking(() => { text.textContent = waitingWords(client.state); });
    };
    if (element.hidden) timer = setTimeout(appear, QUIET_MS);
    else appear();
  }
  const off = client.on('state', show);
  show();
  return { element, stop: () => { off(); stopTicking(); clearTimeout(timer); } };
}

/** The end of a connection that does not come back by itself. */
export async function closedDialog({ code, reason, refusal }, explain) {
  // Who is banned may learn it when a token is asked for, too.
  const { title, text, again } = closeWords(refusal?.code === 'banned' ? 4003 : code);
  const told = code === 4009 ? '' : refusal ? explain(refusal) : reason && sentence(reason);
  const dialog = openDialog({ title, body: [h('p', {}, text), told && h('p', { class: 'muted' }, told)] });
  // There is no way around this one: the page behind it shows nothing that is true.
  dialog.element.addEventListener('cancel', (event) => event.preventDefault());
  dialog.element.classList.add('dialog--final');
  const go = button(again, () => dialog.close('again'), { class: 'button--primary' });
  dialog.setActions(button('To the start', () => dialog.close('leave')), go);
  go.focus();
  return { choice: (await dialog.closed) ?? 'leave', reload: again === 'Reload' };
}

/** A page in front of all for what nobody foresaw. */
export function fatal(root, error) {
  console.error(error);
  fill(root, h('main', { class: 'start' }, h('div', { class: 'start__card', role: 'alert' }, h('h1', {}, 'Something broke'),
    h('p', {}, 'The page cannot go on. What you own is on the server, and safe.'),
    h('p', { class: 'muted small' }, String(error?.message ?? error)),
    button('Reload', () => location.reload(), { class: 'button--primary' }))));
}
