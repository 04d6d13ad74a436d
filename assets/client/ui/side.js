// The side panel: shows one panel at a time; on narrow windows it is a sheet above the bottom bar. What fails in a panel stays in it.

import { failure, fill, h, loading, newId } from './dom.js';
import { announce } from './toast.js';

export function sidePanel(game, panels, { changed }) {
  const heading = h('h2', { id: newId('panel'), tabindex: '-1' });
  const body = h('div', { class: 'side__body' });
  const element = h('section', { class: 'side', 'aria-labelledby': heading.id, hidden: true },
    h('div', { class: 'side__head' }, heading, h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close the panel', on: { click: () => close() } }, '×')), body);
  let current = null;
  let opener = null;

  function leave() {
    const visit = current;
    current = null;
    if (!visit) return;
    visit.left = true;
    unmount(visit);
  }

  function unmount(visit) {
    try {
      visit.unmount?.();
    } catch (error) {
      reportError(error);
    }
  }

  async function open(key, params = {}) {
    const panel = panels.find((other) => other.key === key);
    if (!panel) return;
    if (element.hidden) opener = document.activeElement;
    leave();
    const visit = { key, left: false, unmount: null };
    current = visit;
    const root = h('div', { class: 'panel' }, loading());
    heading.textContent = panel.title;
    fill(body, root);
    body.scrollTop = 0;
    element.hidden = false;
    element.dataset.panel = key;
    changed(key);
    heading.focus({ preventScroll: true });
    announce(panel.title);
    try {
      root.replaceChildren();
      const unmountPanel = await panel.mount(root, game, params);
      visit.unmount = unmountPanel;
      if (visit.left) unmount(visit);
    } catch (error) {
      if (visit.left) return;
      if (!error.code) reportError(error);
      fill(root, failure(game.explain(error), () => open(key, params)));
    }
  }

  function close() {
    if (element.hidden) return;
    const within = element.contains(document.activeElement);
    leave();
    element.hidden = true;
    fill(body);
    changed(null);
    if (!within) return;
    if (opener?.isConnected && opener !== document.body) opener.focus();
    else game.view?.focus();
  }

  return {
    element, open, close,
    get current() { return current?.key ?? null; },
    stop: leave,
  };
}
