// One channel of the chat: its lines, older ones on demand, and the field to say something.

import { askText } from '../../ui/dialog.js';
import { button, empty, failure, fill, h, loading, newId } from '../../ui/dom.js';
import { time } from '../../ui/format.js';
import { playerLink } from '../../ui/player_card.js';
import { channelBody } from './chat_log.js';

const TEXT_MAX = 300;
/** Lines of one player within the same span of so long stand together, so that no time is far from its lines. */
const TOGETHER_MS = 180_000;
/** So near to the end counts as reading the end, px. */
const AT_END = 40;

export function conversation(game, key) {
  const log = game.chat;
  const kept = key !== 'local';
  const lines = h('ol', { class: 'chat__lines' });
  const older = h('div', { class: 'chat__older' });
  const scroller = h('div', { class: 'chat__scroller', role: 'log', 'aria-label': 'Lines', tabindex: 0 }, older, lines);
  const input = h('input', { type: 'text', autocomplete: 'off', enterkeyhint: 'send', id: newId('say'), 'aria-label': 'Message', placeholder: 'Say something' });
  const left = h('span', { class: 'muted small chat__left', hidden: true });
  const send = h('button', { type: 'submit', class: 'button button--primary' }, 'Send');
  const form = h('form', { class: 'chat__form' }, input, left, send);
  const element = h('div', { class: 'chat' }, scroller, form);
  let stopped = false;
  let shown = [];

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    showLeft();
    try {
      await game.act('say', { channel: channelBody(key), text });
    } catch {
      // What was refused is not lost: it can be mended. Unless something else was begun meanwhile.
      if (!input.value) input.value = text;
      showLeft();
    }
  });
  input.addEventListener('input', showLeft);

  function showLeft() {
    const rest = TEXT_MAX - [...input.value.trim()].length;
    left.hidden = rest > 60;
    left.textContent = String(rest);
    left.classList.toggle('bad', rest < 0);
    send.disabled = rest < 0;
  }

  async function load() {
    fill(older, loading());
    const height = scroller.scrollHeight;
    const before = scroller.scrollTop;
    try {
      await log.older(key);
    } catch (error) {
      if (!stopped) fill(older, error.code === 'no_guild' ? empty('You are in no guild. Found one, or have yourself invited.') : failure(game.explain(error), load));
      if (error.code === 'no_guild') form.hidden = true;
      return;
    }
    // What was being read stays where it was.
    if (!stopped && before > AT_END) scroller.scrollTop = before + scroller.scrollHeight - height;
  }

  function show() {
    const entry = log.channel(key);
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END;
    if (entry.asked || !kept) fill(older, entry.lines.length === 0 ? empty(kept ? 'Nobody has said anything yet.' : 'Nobody near has said anything yet.') : entry.more && kept && button('Older lines', load, { class: 'button--small' }));
    const first = entry.lines[0];
    const goesOn = shown.length > 0 && shown[0] === first && shown.every((line, index) => entry.lines[index] === line);
    // Only what is new is added, so that it alone is read out.
    if (goesOn) lines.append(...entry.lines.slice(shown.length).map((line, index) => lineItem(line, entry.lines[shown.length + index - 1])));
    else fill(lines, entry.lines.map((line, index) => lineItem(line, entry.lines[index - 1])));
    shown = [...entry.lines];
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  function lineItem(line, before) {
    const together = before && before.player === line.player && Math.floor(line.at_ms / TOGETHER_MS) === Math.floor(before.at_ms / TOGETHER_MS);
    const own = line.player === game.client.player;
    return h('li', { class: `chat__line ${together ? 'chat__line--together' : ''} ${own ? 'chat__line--own' : ''}` },
      !together && h('div', { class: 'chat__by' }, own ? h('span', { class: 'own' }, line.name) : playerLink(game, line.player, line.name), h('time', { class: 'muted small', datetime: new Date(line.at_ms).toISOString() }, time(line.at_ms))),
      h('div', { class: 'chat__text' }, h('span', {}, line.text),
        kept && !own && h('button', { type: 'button', class: 'chat__report', 'aria-label': `Report what ${line.name} said`, title: 'Report', on: { click: () => report(line) } }, '⚑')));
  }

  async function report(line) {
    const reason = await askText({ title: 'Report this line', text: `“${line.text}” – ${line.name}. The operators will look at it.`, label: 'What is wrong with it?', yes: 'Report', max: 300 });
    if (reason) await game.act('report', { channel: channelBody(key), seq: line.seq, reason }, { done: 'Reported. Thank you.' }).catch(() => {});
  }

  const off = log.watch((changed) => {
    if (changed !== key || stopped) return;
    // Another world has begun, or lines were missed: they are asked for anew.
    if (kept && !log.channel(key).asked && log.channel(key).lines.length === 0) load();
    show();
  });

  return {
    element,
    start() {
      show();
      scroller.scrollTop = scroller.scrollHeight;
      if (kept && !log.channel(key).asked) load().then(() => { scroller.scrollTop = scroller.scrollHeight; });
      if (matchMedia('(pointer: fine)').matches) input.focus();
    },
    stop() {
      stopped = true;
      off();
    },
  };
}
