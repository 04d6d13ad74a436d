// The last lines that were said, over the picture for a few seconds while the chat is not open. For the eyes only: the chat itself is read out.

import { channelKey } from './chat_log.js';
import { h } from '../../ui/dom.js';

const STAYS_MS = 9000;
const SHOWN_MAX = 4;
const WHERE = { sector: '', local: 'near', guild: 'guild', direct: 'to you' };

export function chatOverlay(game, isOpen) {
  const element = h('div', { class: 'chat-overlay', 'aria-hidden': 'true' });
  const timers = new Set();
  const off = game.client.on('chat', ({ channel, line }) => {
    if (!game.settings.get('chatLines') || isOpen() || line.player === game.client.player) return;
    const where = WHERE[channelKey(channel).split(':')[0]];
    const entry = h('div', { class: 'chat-overlay__line' }, h('b', {}, line.name), where && h('span', { class: 'muted' }, ` (${where})`), ' ', line.text);
    element.append(entry);
    while (element.children.length > SHOWN_MAX) element.firstElementChild.remove();
    const timer = setTimeout(() => {
      timers.delete(timer);
      entry.remove();
    }, STAYS_MS);
    timers.add(timer);
  });
  return { element, stop: () => { off(); timers.forEach((timer) => clearTimeout(timer)); } };
}
