// Shortcut keys of the whole page. They do nothing while somebody types in a field, a dialog is open, or Ctrl, Alt or Meta is held.
//
//   const remove = keys.add({key: 'g', label: 'Guild', group: 'Panels', run: open});    key: as KeyboardEvent.key, letters small
//   keys.list()                                                                          for the help; entries without `run` are only told of
//   typing(event)                                                                        for those who listen themselves

const entries = new Set();
const TEXT = 'input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=button]), textarea, select, [contenteditable=""], [contenteditable=true]';

export const typing = (event) => event.isComposing || event.ctrlKey || event.altKey || event.metaKey
  || Boolean(event.target?.closest?.(TEXT)) || document.querySelector('dialog[open]') !== null;

export const keys = {
  add(entry) {
    entries.add(entry);
    return () => entries.delete(entry);
  },
  list: () => [...entries],
};

export function startKeys() {
  const listener = (event) => {
    if (event.defaultPrevented || event.repeat) return;
    // Out of a field, so that the next key is a shortcut again.
    if (event.key === 'Escape' && !event.isComposing && event.target?.closest?.(TEXT) && !document.querySelector('dialog[open]')) {
      event.target.blur();
      return;
    }
    if (typing(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const entry = [...entries].find((other) => other.run && other.key === key);
    if (!entry) return;
    event.preventDefault();
    entry.run();
  };
  document.addEventListener('keydown', listener);
  return () => document.removeEventListener('keydown', listener);
}
