// A search field above a long list: hides the entries that do not have what was typed. Short lists get none.
//
//   const find = searchField('Search players', {least: 8});   find.element; find.apply(root)   after each drawing of the list; root: a node with `li` or table rows

import { empty, h } from './dom.js';

const ENTRIES = 'li, tbody tr';

export function searchField(label, { least = 8 } = {}) {
  let within = null;
  const none = empty('Nothing like that.');
  none.hidden = true;
  const input = h('input', { type: 'search', autocomplete: 'off', placeholder: label, 'aria-label': label, on: { input: show } });
  const element = h('div', { class: 'search', hidden: true }, input, none);

  function show() {
    const entries = [...within.querySelectorAll(ENTRIES)];
    // While something is searched for the field stays, however short the list has become.
    element.hidden = entries.length < least && input.value === '';
    const words = element.hidden ? '' : input.value.trim().toLowerCase();
    for (const entry of entries) entry.hidden = !entry.textContent.toLowerCase().includes(words);
    none.hidden = words === '' || entries.some((entry) => !entry.hidden);
  }

  return {
    element,
    apply(root) {
      within = root;
      show();
    },
  };
}
