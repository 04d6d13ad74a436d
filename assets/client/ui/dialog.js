// Modal dialogs on the browser's own <dialog>: focus stays inside, Escape closes, focus returns to where it was.
//
//   const dialog = openDialog({title: 'Settings', body: [nodes], actions: [button('Done', () => dialog.close())]});
//     → {element, setBody(...nodes), setActions(...nodes), close(value), closed: Promise<value>}
//   if (await confirmDialog({title: 'Leave the guild?', text: '…', yes: 'Leave', danger: true})) …
//   const text = await askText({title: 'Report this line', label: 'Reason', max: 300, yes: 'Report'});     null when cancelled

import { button, field, fill, h, newId } from './dom.js';

const FIELDS = 'input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)';

export function openDialog({ title, body = [], actions = [], size = '' }) {
  const before = document.activeElement;
  const heading = newId('dialog');
  const content = h('div', { class: 'dialog__body' }, body);
  const foot = h('div', { class: 'dialog__actions' }, actions);
  let finish;
  let value;
  const closed = new Promise((resolve) => { finish = resolve; });
  const element = h('dialog', { class: size && `dialog--${size}`, 'aria-labelledby': heading },
    h('div', { class: 'dialog__head' }, h('h2', { id: heading, tabindex: '-1' }, title),
      h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close', on: { click: () => element.close() } }, '×')),
    content, foot);
  element.addEventListener('close', () => {
    element.remove();
    if (before?.isConnected) before.focus();
    finish(value);
  });
  // A click beside the dialog closes it.
  element.addEventListener('click', (event) => { if (event.target === element) element.close(); });
  document.body.append(element);
  element.showModal();
  (content.querySelector(FIELDS) ?? foot.querySelector('button') ?? element.querySelector('h2')).focus();
  return {
    element,
    closed,
    setBody: (...nodes) => { fill(content, nodes); },
    setActions: (...nodes) => { fill(foot, nodes); },
    close: (result) => { value = result; if (element.open) element.close(); },
  };
}

export async function confirmDialog({ title, text, yes = 'Continue', danger = false }) {
  const dialog = openDialog({ title, body: [].concat(text).map((line) => (line instanceof Node ? line : h('p', {}, line))) });
  const go = button(yes, () => dialog.close(true), { class: danger ? 'button--danger' : 'button--primary' });
  dialog.setActions(button('Cancel', () => dialog.close(false)), go);
  go.focus();
  return (await dialog.closed) ?? false;
}

export async function askText({ title, text, label, yes = 'Send', min = 1, max = 300, value = '', rows = 3 }) {
  const input = rows > 1 ? h('textarea', { rows, maxlength: max, value }) : h('input', { type: 'text', maxlength: max, value });
  const form = h('form', {}, text && h('p', {}, text), field(label, input));
  const dialog = openDialog({ title, body: [form] });
  // The server takes no line breaks; the field has several lines for reading only.
  const said = () => input.value.replace(/\s*\n\s*/g, ' ').trim();
  const send = () => { if (said().length >= min) dialog.close(said()); else input.focus(); };
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    send();
  });
  form.addEventListener('submit', (event) => { event.preventDefault(); send(); });
  dialog.setActions(button('Cancel', () => dialog.close(null)), button(yes, send, { class: 'button--primary' }));
  return (await dialog.closed) ?? null;
}
