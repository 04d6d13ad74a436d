// Tabs inside a screen. Which one is open stands in the address (?tab=…), so that it can be shared and reloaded.
//
//   const view = tabs(ctx, {label: 'Ada', tabs: [{key: 'ledger', label: 'Ledger', show: (panel, signal) => …}, …]});
//   root.append(view.element);       show may be async; what it throws is shown in the panel with "Try again"
//   The signal given to `show` ends when another tab is opened or the screen is left. ← → Home End move between tabs.

import { fill, failure, h, loading, newId } from './dom.js';
import { isAbort } from './api.js';

export function tabs(ctx, { label, tabs: all }) {
  const panel = h('div', { role: 'tabpanel', id: newId('panel'), tabindex: '0', class: 'tab-panel' });
  const buttons = all.map((tab) => h('button', {
    type: 'button', role: 'tab', id: newId('tab'), 'aria-controls': panel.id, on: { click: () => open(tab) },
  }, tab.label));
  const list = h('div', { role: 'tablist', 'aria-label': label, class: 'tabs', on: { keydown: move } }, buttons);
  let leaving = new AbortController();
  let current = null;
  ctx.signal.addEventListener('abort', () => leaving.abort(), { once: true });

  function mark(tab) {
    current = tab;
    all.forEach((other, index) => {
      buttons[index].setAttribute('aria-selected', String(other === tab));
      buttons[index].tabIndex = other === tab ? 0 : -1;
    });
    const button = buttons[all.indexOf(tab)];
    panel.setAttribute('aria-labelledby', button.id);
    // In a narrow window the row of tabs scrolls; the screen does not.
    list.scrollLeft = button.offsetLeft - list.offsetLeft - (list.clientWidth - button.offsetWidth) / 2;
  }

  function open(tab) {
    leaving.abort();
    leaving = new AbortController();
    if (ctx.signal.aborted) return;
    mark(tab);
    ctx.setQuery({ tab: tab === all[0] ? null : tab.key });
    show(tab, leaving.signal);
  }

  async function show(tab, signal) {
    const content = h('div', {}, loading());
    fill(panel, content);
    try {
      await tab.show(content, signal);
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      fill(content, failure(error, () => open(tab)));
    }
  }

  function move(event) {
    const at = buttons.indexOf(event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const index = (next + all.length) % all.length;
    open(all[index]);
    buttons[index].focus();
  }

  const first = all.find(({ key }) => key === ctx.query.get('tab')) ?? all[0];
  open(first);
  // Only when it is in the page it has a place to scroll to.
  requestAnimationFrame(() => mark(current));
  return { element: h('div', {}, list, panel) };
}
