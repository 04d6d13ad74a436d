// One channel: the newest lines, more as they are said, older ones on demand. The view stays at the end as long as one does not scroll up.

import { api, isAbort } from '../../lib/api.js';
import { empty, failure, fill, h, link, loading } from '../../lib/dom.js';
import { button } from '../../lib/dialog.js';
import { merge } from './lines.js';
import { chatLine } from './line.js';

const EVERY_MS = 1000;
const PAGE = 50;
const KEPT_MAX = 2000;

export function tail(root, stream, ctx) {
  const path = `/chat/${encodeURIComponent(stream)}`;
  const log = h('ol', { class: 'lines' });
  const older = button('Load older lines', () => loadOlder(), { class: 'more', hidden: true });
  const note = h('div', {}, loading());
  const box = h('div', { class: 'tail', role: 'log', 'aria-label': 'Lines', tabindex: '0' }, older, note, log);
  let lines = null;
  let cursor = null;
  fill(root, h('p', { class: 'back' }, link('/chat', '← All channels')), box);

  const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 40;

  function take(added, end) {
    // Who follows the end for hours need not keep all of it; who reads older lines keeps what is loaded.
    lines = merge(lines ?? [], added);
    if (end) lines = lines.slice(-KEPT_MAX);
    const present = new Set([...log.children].map(({ dataset }) => dataset.seq));
    const missing = lines.filter(({ seq }) => !present.has(String(seq)));
    const first = Number(log.firstElementChild?.dataset.seq ?? Infinity);
    const before = missing.filter(({ seq }) => seq < first).map((line) => chatLine(line, ctx));
    log.prepend(...before);
    log.append(...missing.filter(({ seq }) => seq >= first).map((line) => chatLine(line, ctx)));
    while (log.children.length > lines.length) log.firstElementChild.remove();
    fill(note, lines.length === 0 && empty('Nothing has been said here.'));
    older.hidden = cursor === null;
    if (end) box.scrollTop = box.scrollHeight;
  }

  async function newest(signal) {
    if (lines === null || lines.length === 0) return { first: true, ...await api.get(path, { query: { limit: PAGE }, signal }) };
    return api.get(path, { query: { after: lines[lines.length - 1].seq, limit: 100 }, signal });
  }

  const watch = ctx.poll({
    every: EVERY_MS, load: newest,
    onData: (page) => {
      if (page.first) cursor = page.next_cursor;
      if (page.items.length > 0 || page.first) take(page.items, lines === null || atEnd());
    },
    onError: (error) => { if (lines === null) fill(note, failure(error, () => watch.now())); },
  });

  async function loadOlder() {
    older.disabled = true;
    const height = box.scrollHeight;
    try {
      const page = await api.get(path, { query: { before: lines[0].seq, limit: PAGE }, signal: ctx.signal });
      cursor = page.next_cursor;
      take(page.items, false);
      // What one reads stays where it is.
      box.scrollTop += box.scrollHeight - height;
    } catch (error) {
      if (!isAbort(error)) fill(note, failure(error, loadOlder));
    } finally {
      older.disabled = false;
    }
  }
}
