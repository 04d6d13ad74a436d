// The buttons of the panels: a rail at the left on wide windows, a bar at the bottom on narrow ones, whose last button shows all the others.
//
//   const rail = panelButtons(panels, open);   rail.rail, rail.bottom: elements;  rail.select(key | null);  rail.count(key, number)

import { openDialog } from './dialog.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';

/** What the bottom bar shows. */
const BOTTOM = ['ship', 'market', 'missions', 'chat'];
/** Words short enough to stand below an icon, where the title is not. */
const SHORT = { ship: 'Ship', offers: 'Offers' };
const GROUPS = ['economy', 'social', 'system'];

export function panelButtons(panels, open) {
  const counts = new Map();
  const buttons = new Map();
  const tip = h('div', { class: 'tip', role: 'tooltip', hidden: true });
  const grouped = GROUPS.map((group) => panels.filter((panel) => panel.group === group)).filter((list) => list.length);

  function make(panel, kind) {
    const node = h('button', { type: 'button', class: `${kind}__button`, 'aria-expanded': 'false', 'aria-keyshortcuts': panel.shortcut, on: { click: () => open(panel.key) } });
    buttons.set(panel.key, [...(buttons.get(panel.key) ?? []), { node, panel, kind }]);
    draw({ node, panel, kind });
    if (kind === 'rail') {
      const show = () => {
        const box = node.getBoundingClientRect();
        fill(tip, panel.title, panel.shortcut && h('kbd', {}, panel.shortcut.toUpperCase()));
        tip.style.setProperty('left', `${box.right + 8}px`);
        tip.style.setProperty('top', `${box.top + box.height / 2}px`);
        tip.hidden = false;
      };
      const hide = () => { tip.hidden = true; };
      node.addEventListener('pointerenter', (event) => { if (event.pointerType !== 'touch') show(); });
      node.addEventListener('pointerleave', hide);
      node.addEventListener('focus', () => { if (node.matches(':focus-visible')) show(); });
      node.addEventListener('blur', hide);
      node.addEventListener('click', hide);
    }
    return node;
  }

  function draw({ node, panel, kind }) {
    const number = counts.get(panel.key) ?? 0;
    fill(node, icon(panel.key, panel.title), h('span', { class: `${kind}__label` }, SHORT[panel.key] ?? panel.title), number > 0 && h('span', { class: 'count', 'aria-hidden': 'true' }, number > 99 ? '99+' : number));
    node.setAttribute('aria-label', number > 0 ? `${panel.title}, ${number} unread` : panel.title);
  }

  const rail = h('nav', { class: 'rail', 'aria-label': 'Panels' }, grouped.map((list, index) => [index > 0 && h('div', { class: 'rail__gap', 'aria-hidden': 'true' }), list.map((panel) => make(panel, 'rail'))]));
  const more = h('button', { type: 'button', class: 'bottom__button', 'aria-haspopup': 'dialog', on: { click: showAll } }, icon('more'), h('span', { class: 'bottom__label' }, 'More'));
  const bottom = h('nav', { class: 'bottom', 'aria-label': 'Panels' }, BOTTOM.map((key) => panels.find((panel) => panel.key === key)).filter(Boolean).map((panel) => make(panel, 'bottom')), more);

  function showAll() {
    const dialog = openDialog({ title: 'Panels' });
    const item = (panel) => {
      const number = counts.get(panel.key) ?? 0;
      return h('button', { type: 'button', class: 'menu__item', on: { click: () => { dialog.close(); open(panel.key); } } }, icon(panel.key, panel.title), panel.title, number > 0 && h('span', { class: 'count' }, number));
    };
    dialog.setBody(h('div', { class: 'menu-grid' }, grouped.flat().map(item)));
  }

  return {
    rail, bottom, tip,
    select(key) {
      for (const [other, list] of buttons) for (const { node } of list) node.setAttribute('aria-expanded', String(other === key));
    },
    count(key, number) {
      if ((counts.get(key) ?? 0) === number) return;
      counts.set(key, number);
      (buttons.get(key) ?? []).forEach(draw);
    },
  };
}
