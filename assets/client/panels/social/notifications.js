// What happened to the player's affairs, newest first. Opening the list reads it; what was new stays marked while it is open.

import { button, empty, failure, fill, h, loading } from '../../ui/dom.js';
import { ago } from '../../ui/format.js';
import { words } from '../../ui/notices.js';

const PAGE = 30;

export const notifications = { key: 'notifications', title: 'Notifications', group: 'social', shortcut: 'n', mount };

function mount(root, game) {
  const list = h('ul', { class: 'list notices' });
  const more = h('div', {});
  const head = h('div', {});
  let items = [];
  let cursor = null;
  let unread = 0;
  let newFrom = Infinity;
  let left = false;
  fill(root, head, list, more);
  fill(more, loading());

  async function load(before) {
    try {
      const page = await game.client.command('notifications', { limit: PAGE, ...(before && { before }) });
      if (left) return;
      if (!before) {
        items = [];
        ({ unread } = page);
        newFrom = unread > 0 && page.items.length ? page.items[0].seq - unread + 1 : Infinity;
      }
      items.push(...page.items.filter(({ seq }) => !items.some((item) => item.seq === seq)));
      cursor = page.next_cursor;
      show();
      if (!before) readAll();
    } catch (error) {
      if (!left) fill(more, failure(game.explain(error), () => load(before)));
    }
  }

  async function readAll() {
    if (!items.length || unread === 0) return;
    try {
      ({ unread } = await game.act('read_notifications', { up_to: items[0].seq }, { quiet: true }));
    } catch {
      // They stay unread; the button is there for another try.
    }
    if (!left) show();
  }

  function show() {
    fill(head, unread > 0 && button(`Mark all as read (${unread})`, readAll, { class: 'button--small' }));
    fill(list, items.map(item));
    fill(more, items.length === 0 ? empty('Nothing has happened yet. Sales, finished crafts, invitations and the like are told here.')
      : cursor !== null && button('Older', () => load(cursor), { class: 'button--small' }));
  }

  function item({ seq, at_ms: atMs, notice }) {
    const { text, level, panel, params } = words(notice, game);
    return h('li', { class: `notice notice--${level} ${seq >= newFrom ? 'notice--new' : ''}` },
      h('div', {}, h('p', {}, seq >= newFrom && h('span', { class: 'visually-hidden' }, 'New: '), text), h('p', { class: 'muted small' }, ago(atMs))),
      panel && button('Show', () => game.open(panel, params), { class: 'button--small', 'aria-label': `Show: ${text}` }));
  }

  const offs = [
    game.client.on('notification', (one) => {
      if (items.some(({ seq }) => seq === one.seq)) return;
      items.unshift(one);
      newFrom = Math.min(newFrom, one.seq);
      unread += 1;
      show();
    }),
    game.client.on('welcome', ({ resumed }) => { if (!resumed) load(); }),
  ];
  load();
  return () => {
    left = true;
    offs.forEach((off) => off());
  };
}
