// Modal dialogs on the browser's own <dialog>: focus stays inside, Escape closes, focus returns to where it was.
//
//   const dialog = openDialog({title: 'Kick Ada', body: [nodes], actions: [button('Cancel', () => dialog.close())], size: 'wide', onClose});
//     → {element, body, setBody(...nodes), setActions(...nodes), close(value), closed: Promise<value>}
//     `guard: () => boolean` may refuse Escape (e.g. while a request is under way).
//   if (await confirmDialog({title: 'Restart this actor?', text: '…', confirm: 'Restart', danger: true})) …
//   button('Save', save, {class: 'primary'})      type=button

import { fill, h, newId } from './dom.js';

export const button = (label, click, props = {}) => h('button', { type: 'button', ...props, on: { click } }, label);

export function openDialog({ title, body = [], actions = [], size = '', onClose, guard = () => true }) {
  const before = document.activeElement;
  const heading = newId('dialog');
  const content = h('div', { class: 'dialog-body' }, body);
  const foot = h('div', { class: 'dialog-actions' }, actions);
  let finish;
  const closed = new Promise((resolve) => { finish = resolve; });
  let value;

  const element = h('dialog', { class: size, 'aria-labelledby': heading },
    h('div', { class: 'dialog-head' }, h('h2', { id: heading }, title),
      h('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', on: { click: () => guard() && element.close() } }, '×')),
    content, foot);
  element.addEventListener('cancel', (event) => { if (!guard()) event.preventDefault(); });
  element.addEventListener('close', () => {
    element.remove();
    // What opened the dialog may be gone, when the screen was drawn anew meanwhile.
    if (before?.isConnected) before.focus();
    else document.querySelector('main h1')?.focus();
    onClose?.(value);
    finish(value);
  });
  document.body.append(element);
  element.showModal();
  focusFirst(content, foot);
  return {
    element,
    body: content,
    setBody: (...nodes) => { fill(content, nodes); },
    setActions: (...nodes) => { fill(foot, nodes); },
    focusFirst: () => focusFirst(content, foot),
    close: (result) => { value = result; if (element.open) element.close(); },
    closed,
  };
}

const FIELDS = 'input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)';

function focusFirst(content, foot) {
  const target = content.querySelector(FIELDS) ?? foot.querySelector('button:not(:disabled)') ?? content.querySelector('button, a[href]');
  target?.focus();
}

export async function confirmDialog({ title, text, confirm = 'Continue', danger = false }) {
  const dialog = openDialog({ title, body: [h('p', {}, text)] });
  dialog.setActions(button('Cancel', () => dialog.close(false)), button(confirm, () => dialog.close(true), { class: danger ? 'danger' : 'primary' }));
  dialog.focusFirst();
  return (await dialog.closed) ?? false;
}
