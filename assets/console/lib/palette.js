// The command palette (Ctrl+K or /): go to a screen, or find a player by name or id. Opened by app.js.
//
//   openPalette(commands)    commands: [{label, hint, run}]; players are asked of the server while typing

import { h, fill, newId } from './dom.js';
import { api, isAbort } from './api.js';
import { openDialog } from './dialog.js';

const TYPING_MS = 200;

export function openPalette(commands) {
  const listId = newId('palette');
  const input = h('input', {
    type: 'text', placeholder: 'Screen, player’s name or id', 'aria-label': 'Go to', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': listId, 'aria-autocomplete': 'list', autocomplete: 'off',
  });
  const list = h('ul', { id: listId, role: 'listbox', class: 'palette-list', 'aria-label': 'Results' });
  const dialog = openDialog({ title: 'Go to', body: [input, list], size: 'palette', onClose: () => asking?.abort() });
  let players = [];
  let chosen = 0;
  let timer = null;
  let asking = null;

  const matching = () => {
    const text = input.value.trim().toLowerCase();
    return [...commands.filter(({ label }) => label.toLowerCase().includes(text)).slice(0, text ? 8 : 40), ...players];
  };

  function draw() {
    const found = matching();
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    fill(list, found.map((entry, index) => h('li', {
      id: `${listId}-${index}`, role: 'option', 'aria-selected': String(index === chosen), on: { click: () => run(entry) },
    }, h('span', {}, entry.label), h('span', { class: 'muted' }, entry.hint ?? ''))), found.length === 0 && h('li', { class: 'muted' }, 'Nothing found'));
    input.setAttribute('aria-activedescendant', found.length > 0 ? `${listId}-${chosen}` : '');
    list.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }

  function run(entry) {
    dialog.close();
    entry.run();
  }

  async function search() {
    asking?.abort();
    const text = input.value.trim();
    players = [];
    if (text.length >= 2) {
      asking = new AbortController();
      try {
        const page = await api.get('/players', { query: { text, limit: 8 }, signal: asking.signal });
        players = page.items.map(({ id, name }) => ({ label: name, hint: `player ${id.slice(-8)}`, run: () => { location.hash = `/players/${id}`; } }));
      } catch (error) {
        if (isAbort(error)) return;
      }
    }
    draw();
  }

  input.addEventListener('input', () => {
    chosen = 0;
    draw();
    clearTimeout(timer);
    timer = setTimeout(search, TYPING_MS);
  });
  input.addEventListener('keydown', (event) => {
    const found = matching();
    if (event.key === 'Enter' && found[chosen]) run(found[chosen]);
    else if (event.key === 'ArrowDown') chosen = Math.min(found.length - 1, chosen + 1);
    else if (event.key === 'ArrowUp') chosen = Math.max(0, chosen - 1);
    else return;
    event.preventDefault();
    draw();
  });
  draw();
}
