// Invitations into guilds: those that the player has, and the form to invite others.

import { field, fill, h, newId, section, select } from '../../ui/dom.js';

const PAGE = 100;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The invitations that may still be good, newest first: they are kept as notifications only. */
export async function openInvitations(game) {
  const { items } = await game.client.command('notifications', { limit: PAGE });
  const oldest = Date.now() - game.catalog.economy.guild.invite_seconds * 1000;
  const found = new Map();
  for (const { at_ms: atMs, notice } of items) {
    if (notice.guild_invited && atMs > oldest && !found.has(notice.guild_invited.guild)) found.set(notice.guild_invited.guild, notice.guild_invited);
  }
  return [...found.values()].filter(({ guild }) => !answered(game).includes(guild));
}

/** Guilds whose invitation was answered on this page; the notification of it stays. */
const answeredBy = new WeakMap();

function answered(game) {
  if (!answeredBy.has(game)) {
    const guilds = [];
    answeredBy.set(game, guilds);
    game.acted((type, _, body) => { if (type === 'accept_invite' || type === 'decline_invite') guilds.push(body.guild); });
    // Invited once more, it is open again.
    game.client.on('notification', ({ notice }) => {
      const index = guilds.indexOf(notice.guild_invited?.guild);
      if (index >= 0) guilds.splice(index, 1);
    });
  }
  return answeredBy.get(game);
}

export function inviteSection(game, answer, act) {
  const members = new Set(answer.members.map(({ player }) => player));
  const { row, input } = playerField(game, { name: 'invite' });
  const form = h('form', { class: 'row row--end' }, row, h('button', { type: 'submit', class: 'button' }, 'Invite'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = input.value.trim();
    const player = playerOf(game, wanted);
    if (!player) return game.toast(`You have not met ${wanted} yet. Use the player’s id.`, { level: 'warn' });
    input.value = '';
    return act('invite', { player }, `Invited ${game.people.name(player)}.`);
  });
  const friends = h('div', {});
  game.client.command('friends', {}).then((list) => {
    const open = list.friends.filter(({ agreed, player }) => agreed && !members.has(player));
    if (!open.length) return;
    const choice = select([['', 'A friend…'], ...open.map(({ player, name }) => [player, name])], '', { on: { change: () => { if (choice.value) input.value = choice.value; } } });
    friends.append(field('Or choose a friend', choice));
  }).catch(() => {});
  return section('Invite', form, friends);
}

/** A field for a player: a name that the page has heard of, which it offers as one types, or an id. Returns `{row, input}`. */
export function playerField(game, props = {}) {
  const list = h('datalist', { id: newId('players') });
  const known = () => fill(list, game.people.names().filter((name) => name !== game.client.name).sort((a, b) => a.localeCompare(b)).map((name) => h('option', { value: name })));
  const input = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', required: true, list: list.id, ...props, on: { focus: known } });
  return { row: [field('Name or player id', input, 'A name that you have met, or the id from the player’s card.'), list], input };
}

/** The id for what somebody typed: an id, or a name that the page has heard of. */
export const playerOf = (game, text) => (ID.test(text) ? text.toLowerCase() : game.people.find(text));
