// Shortcut keys of the whole page, and the overlay that lists them. Screens may add their own:
//
//   const remove = shortcuts.add({keys: 'p', label: 'Pause', run: pause, group: 'This screen'});   call remove() when leaving, or use ctx.shortcut(…)
//
// 'g o' is two keys after one another (within 1.5 s), 'ctrl+k' a chord. Nothing happens while somebody types in a field or a dialog is open,
// except for chords.

import { h } from './dom.js';
import { openDialog } from './dialog.js';

const SEQUENCE_MS = 1500;
const entries = new Set();
let pending = '';
let pendingUntil = 0;

export const shortcuts = {
  add(entry) {
    entries.add(entry);
    return () => entries.delete(entry);
  },
};

const typing = (target) => target.closest?.('input, textarea, select, [contenteditable]') !== null;

export function startShortcuts() {
  document.addEventListener('keydown', (event) => {
    const chord = event.ctrlKey || event.metaKey;
    if (event.altKey || event.isComposing) return;
    if (!chord && (typing(event.target) || document.querySelector('dialog[open]'))) return;
    const key = chord ? `ctrl+${event.key.toLowerCase()}` : event.key;
    const sequence = pending && event.timeStamp < pendingUntil ? `${pending} ${key}` : key;
    pending = '';
    const entry = [...entries].find(({ keys }) => keys === sequence) ?? [...entries].find(({ keys }) => keys === key);
    if (entry) {
      event.preventDefault();
      entry.run();
    } else if ([...entries].some(({ keys }) => keys.startsWith(`${key} `))) {
      pending = key;
      pendingUntil = event.timeStamp + SEQUENCE_MS;
    }
  });
}

export function showHelp() {
  const groups = Map.groupBy?.([...entries], ({ group }) => group ?? 'Everywhere') ?? grouped();
  openDialog({
    title: 'Keys', size: 'wide',
    body: h('div', { class: 'keys' }, [...groups].map(([group, list]) => h('section', {}, h('h3', {}, group),
      h('dl', { class: 'definitions' }, list.map(({ keys, label }) => [h('dt', {}, keys.split(' ').map((key) => h('kbd', {}, key))), h('dd', {}, label)]))))),
  });
}

function grouped() {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group ?? 'Everywhere', [...(groups.get(entry.group ?? 'Everywhere') ?? []), entry]);
  return groups;
}
