// The panels of what players do together, in their order, and what of them goes on while no panel is open.

import { chat } from './chat.js';
import { createChatLog } from './chat_log.js';
import { chatOverlay } from './chat_overlay.js';
import { friends } from './friends.js';
import { guild } from './guild.js';
import { missions } from './missions.js';
import { notifications } from './notifications.js';
import { seasons } from './seasons.js';

export const social = [missions, seasons, guild, chat, friends, notifications];

/** From the log-in to the log-out: what is said is kept, counted, and shown over the picture. */
export function startSocial(game, frame) {
  game.chat = createChatLog(game);
  const overlay = chatOverlay(game, () => frame.openPanel() === 'chat');
  frame.extras.append(overlay.element);
  const off = game.chat.watch(() => frame.count('chat', game.chat.unread()));
  return () => {
    off();
    overlay.stop();
    game.chat.stop();
  };
}
