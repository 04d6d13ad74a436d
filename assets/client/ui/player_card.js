// What one player can do with another: message, befriend, invite, give, mute, block. Opened wherever a name is shown.

import { giveForm } from '../panels/economy/give.js';
import { button, h } from './dom.js';
import { confirmDialog, openDialog } from './dialog.js';

export function playerCard(game, id, name = game.people.name(id)) {
  game.people.learn(id, name);
  if (id === game.client.player) return ownCard(game, id);
  const dialog = openDialog({ title: name, size: 'card' });
  const does = (label, type, done, props = {}) => button(label, async () => {
    if (props.ask && !(await confirmDialog({ title: `${label} ${name}?`, text: props.ask, yes: label, danger: true }))) return;
    dialog.close();
    await game.act(type, { player: id }, { done }).catch(() => {});
  }, { class: props.danger ? 'button--danger' : '' });

  dialog.setBody(
    h('div', { class: 'card-actions' },
      button('Message', () => { dialog.close(); game.open('chat', { direct: id, name }); }, { class: 'button--primary' }),
      does('Befriend', 'befriend', ({ friends }) => (friends ? `You and ${name} are friends now.` : `Asked ${name} to be your friend.`)),
      does('Invite to guild', 'invite', `Invited ${name} to your guild.`)),
    giveForm(game, { player: id, name, closed: dialog.closed, done: () => dialog.close() }),
    h('div', { class: 'card-actions' },
      does('Mute', 'mute', `You do not hear ${name} in chat any more.`),
      does('Block', 'block', `You have blocked ${name}.`, { danger: true, ask: 'You hear nothing of each other any more, and a friendship ends. Gifts still come.' })),
    idLine(game, id));
  return dialog;
}

function ownCard(game, id) {
  return openDialog({ title: `${game.client.name} (you)`, size: 'card', body: [h('p', { class: 'muted' }, 'Others find you by your id, wherever they do not see you in chat.'), idLine(game, id)] });
}

function idLine(game, id) {
  return h('p', { class: 'id-line' }, h('span', { class: 'muted small' }, 'Player id'), h('code', {}, id),
    button('Copy', async () => {
      try {
        await navigator.clipboard.writeText(id);
        game.toast('Copied.', { level: 'good' });
      } catch {
        // Not allowed here: the id stands there to be marked by hand.
        game.toast('The browser does not let the page copy. Mark the id and copy it yourself.', { level: 'warn' });
      }
    }, { class: 'button--small' }));
}

/** A name that opens the player's card. */
export function playerLink(game, id, name = game.people.name(id)) {
  game.people.learn(id, name);
  return h('button', { type: 'button', class: 'link', on: { click: () => game.selectPlayer(id, name) } }, name);
}
