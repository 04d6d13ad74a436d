// Friends: who asks, who is there, who was asked; and whom the player does not want to hear.

import { confirmDialog } from '../../ui/dialog.js';
import { badge, button, empty, failure, fill, h, loading, section } from '../../ui/dom.js';
import { playerLink } from '../../ui/player_card.js';
import { searchField } from '../../ui/search.js';
import { playerField, playerOf } from './invitations.js';

const KINDS = ['friend_asked', 'friend_agreed'];

export const friends = { key: 'friends', title: 'Friends', group: 'social', shortcut: 'f', mount };

function mount(root, game) {
  let known = null;
  let left = false;
  const { row, input } = playerField(game);
  const form = h('form', { class: 'row row--end' }, row, h('button', { type: 'submit', class: 'button' }, 'Ask'));
  const lists = h('div', { class: 'tabs__body' }, loading());
  const find = searchField('Search players');
  fill(root, find.element, lists, section('Ask somebody', form, h('div', {}, button('My player id', () => game.selectPlayer(game.client.player, game.client.name), { class: 'button--small' }))));

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = input.value.trim();
    const player = playerOf(game, wanted);
    if (!player) return game.toast(`You have not met ${wanted} yet. Use the player’s id.`, { level: 'warn' });
    input.value = '';
    return act('befriend', player, ({ friends: agreed }) => (agreed ? 'You are friends now.' : 'Asked.'));
  });

  async function act(type, player, done) {
    await game.act(type, { player }, { done }).catch(() => {});
  }

  async function load() {
    try {
      known = await game.client.command('friends', {});
      if (left) return;
      [...known.friends, ...known.requests].forEach(({ player, name }) => game.people.learn(player, name));
      show();
    } catch (error) {
      if (!left) fill(lists, failure(game.explain(error), load));
    }
  }

  function show() {
    const agreed = known.friends.filter((friend) => friend.agreed).sort((a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name));
    const asked = known.friends.filter((friend) => !friend.agreed);
    fill(lists,
      known.requests.length > 0 && section('Requests', list(known.requests, (other) => [
        small('Accept', () => act('befriend', other.player, `You and ${other.name} are friends now.`), other, 'button--primary'),
        small('Decline', () => act('unfriend', other.player, 'Declined.'), other)])),
      section('Your friends', agreed.length ? list(agreed, (other) => [
        small('Message', () => game.open('chat', { direct: other.player, name: other.name }), other),
        small('Remove', () => remove(other), other)]) : empty('No friends yet. Choose a name in chat or on a leaderboard and then Befriend.')),
      asked.length > 0 && section('Asked', list(asked, (other) => [small('Take back', () => act('unfriend', other.player, 'Taken back.'), other)])),
      known.blocked.length > 0 && section('Blocked', list(known.blocked.map(named), (other) => [small('Unblock', () => act('unblock', other.player, `${other.name} can reach you again.`), other)])),
      known.muted.length > 0 && section('Muted', list(known.muted.map(named), (other) => [small('Unmute', () => act('unmute', other.player, `You hear ${other.name} again.`), other)])));
    find.apply(lists);
  }

  const named = (entry) => (typeof entry === 'string' ? { player: entry, name: game.people.name(entry) } : entry);

  const list = (others, actions) => h('ul', { class: 'list' }, others.map((other) => h('li', { class: 'spread' },
    h('span', { class: 'friend' }, other.agreed && h('span', { class: `dot ${other.online ? '' : 'dot--off'}`, 'aria-hidden': 'true' }), playerLink(game, other.player, other.name),
      other.agreed && badge(other.online ? 'online' : 'away', other.online ? 'good' : '')),
    h('span', { class: 'row' }, actions(other)))));

  const small = (label, run, { name }, kind = '') => button(label, run, { class: `button--small ${kind}`, 'aria-label': `${label} ${name}` });

  async function remove(other) {
    if (await confirmDialog({ title: `End the friendship with ${other.name}?`, text: 'You do not see any more whether the other one is online.', yes: 'End it', danger: true })) act('unfriend', other.player, 'Done.');
  }

  const DEALS = new Set(['befriend', 'unfriend', 'block', 'unblock', 'mute', 'unmute']);
  load();
  const offs = [
    // Also what was done on a player's card.
    game.acted((type) => { if (DEALS.has(type)) load(); }),
    game.client.on('notification', ({ notice }) => { if (KINDS.some((kind) => kind in notice)) load(); }),
    game.client.on('welcome', load),
    game.client.on('presence', ({ player, online }) => {
      const friend = known?.friends.find((other) => other.player === player);
      if (!friend) return;
      friend.online = online;
      show();
    }),
  ];
  return () => {
    left = true;
    offs.forEach((off) => off());
  };
}
