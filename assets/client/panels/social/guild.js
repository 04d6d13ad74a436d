// The guild: found one, answer invitations, or what a member sees; members and money are files of their own.

import { askText, confirmDialog, openDialog } from '../../ui/dialog.js';
import { badge, button, failure, field, fill, h, loading, section } from '../../ui/dom.js';
import { count, credits } from '../../ui/format.js';
import { wallet } from '../economy/known.js';
import { creditsProblem } from '../economy/rules.js';
import { searchField } from '../../ui/search.js';
import { membersSection } from './guild_members.js';
import { treasurySection } from './guild_treasury.js';
import { inviteSection, openInvitations } from './invitations.js';

const MOTD_MAX = 500;
/** Notifications after which the guild is another one. */
const KINDS = ['guild_invited', 'guild_left', 'guild_role'];

export const guild = { key: 'guild', title: 'Guild', group: 'social', shortcut: 'g', mount };

export const ROLES = { leader: 'Leader', officer: 'Officer', member: 'Member' };

function mount(root, game) {
  let left = false;
  let round = 0;
  const find = searchField('Search members');

  async function load() {
    const mine = ++round;
    try {
      const answer = await game.client.command('guild', {});
      if (mine === round && !left) showGuild(answer);
    } catch (error) {
      if (mine !== round || left) return;
      if (error.code === 'no_guild') await showNone(mine);
      else fill(root, failure(game.explain(error), load));
    }
  }

  /** Does a deal, and shows what has become of the guild. */
  async function act(type, body, done) {
    try {
      return await game.act(type, body, { done });
    } catch {
      // Told already; what is shown may be old.
      return null;
    } finally {
      if (!left) load();
    }
  }

  async function showNone(mine) {
    const invitations = await openInvitations(game).catch(() => []);
    if (mine !== round || left) return;
    const name = h('input', { type: 'text', minlength: 3, maxlength: 24, required: true, autocomplete: 'off' });
    const fee = game.catalog.economy.guild.founding_fee;
    const form = h('form', { class: 'form' }, field('Name of the guild', name, '3 to 24 letters, digits, “_”, “-” or single spaces'),
      h('button', { type: 'submit', class: 'button button--primary' }, `Found it for ${credits(fee)}`), h('p', { class: 'reason' }, creditsProblem(fee, wallet(game))));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      act('found_guild', { name: name.value.trim() }, (answer) => `You have founded ${answer.name}.`);
    });
    fill(root, h('p', { class: 'muted' }, 'You are in no guild. A guild shares a treasury and a chat of its own.'),
      inviteList(invitations), section('Found a guild', form));
  }

  function inviteList(invitations) {
    if (!invitations.length) return null;
    return section('Invitations', h('ul', { class: 'list' }, invitations.map((invitation) => h('li', { class: 'spread' },
      h('span', {}, h('b', {}, invitation.name), h('br'), h('span', { class: 'muted small' }, 'invites you')),
      h('span', { class: 'row' },
        button('Look', () => showOther(game, invitation), { class: 'button--small', 'aria-label': `Look at ${invitation.name}` }),
        button('Accept', () => act('accept_invite', { guild: invitation.guild }, `You are in ${invitation.name} now.`), { class: 'button--primary button--small', 'aria-label': `Accept the invitation of ${invitation.name}` }),
        button('Decline', async () => { await act('decline_invite', { guild: invitation.guild }, 'Declined.'); }, { class: 'button--small', 'aria-label': `Decline the invitation of ${invitation.name}` }))))));
  }

  function showGuild(answer) {
    answer.members.forEach(({ player, name }) => game.people.learn(player, name));
    const me = answer.members.find(({ player }) => player === game.client.player);
    const role = me?.role ?? 'member';
    const mayInvite = role !== 'member';
    const kept = keepTyped(root);
    const members = membersSection(game, answer, role, act);
    fill(root,
      h('div', { class: 'section' }, h('div', { class: 'spread' }, h('h3', { class: 'guild__name' }, answer.name), badge(ROLES[role], 'info')),
        h('p', { class: 'muted small' }, count(answer.members.length, 'member')),
        h('div', { class: 'card' }, h('p', { class: 'guild__motd' }, answer.motd || h('span', { class: 'muted' }, 'No message of the day.')),
          mayInvite && h('div', {}, button('Change the message', () => changeMotd(answer), { class: 'button--small' }))),
        h('div', {}, button('Guild chat', () => game.open('chat', { channel: 'guild' }), { class: 'button--small' }))),
      treasurySection(game, answer, role, act),
      find.element, members,
      mayInvite && inviteSection(game, answer, act),
      section('Leaving', h('p', { class: 'muted small' }, role === 'leader' ? 'When you leave, an officer or member becomes leader. The last one who leaves ends the guild and gets the treasury.' : 'You can come back only when you are invited again.'),
        h('div', { class: 'row' }, button('Leave the guild', () => leaveGuild(answer), { class: 'button--danger' }),
          role === 'leader' && button('Disband the guild', () => disband(answer), { class: 'button--danger' }))));
    find.apply(members);
    kept();
  }

  async function changeMotd(answer) {
    const text = await askText({ title: 'Message of the day', label: 'All members read this', value: answer.motd, min: 0, max: MOTD_MAX, rows: 5, yes: 'Save' });
    if (text !== null) await act('set_motd', { text }, 'Saved.');
  }

  async function leaveGuild({ name }) {
    if (await confirmDialog({ title: `Leave ${name}?`, text: 'What you have paid in stays in the treasury.', yes: 'Leave', danger: true })) await act('leave_guild', {}, `You have left ${name}.`);
  }

  async function disband({ name, treasury }) {
    const text = `The guild ends for all members. The treasury (${credits(treasury)}) comes into your wallet.`;
    if (await confirmDialog({ title: `Disband ${name}?`, text, yes: 'Disband', danger: true })) await act('disband_guild', {}, `${name} is disbanded.`);
  }

  fill(root, loading());
  load();
  const offs = [
    game.client.on('notification', ({ notice }) => { if (KINDS.some((kind) => kind in notice)) load(); }),
    game.client.on('welcome', load),
  ];
  return () => {
    left = true;
    offs.forEach((off) => off());
  };
}

/** Who is in a guild that the player is not in. */
async function showOther(game, { guild: id, name }) {
  const dialog = openDialog({ title: name, body: [loading()] });
  try {
    const { members } = await game.client.command('guild', { guild: id });
    dialog.setBody(h('p', { class: 'muted' }, count(members.length, 'member')), h('ul', { class: 'list' }, members.map((member) => h('li', { class: 'spread' }, member.name, badge(ROLES[member.role])))));
  } catch (error) {
    dialog.setBody(failure(game.explain(error)));
  }
}

/** What was typed into the fields, and which one has the focus, by their names; gives it back when the panel is drawn anew. */
function keepTyped(root) {
  const typed = new Map([...root.querySelectorAll('input[name]')].map((input) => [input.name, input.value]));
  const focused = root.contains(document.activeElement) ? document.activeElement.name || null : null;
  return () => {
    for (const input of root.querySelectorAll('input[name]')) {
      if (typed.get(input.name) && !input.value) input.value = typed.get(input.name);
      if (focused === input.name) input.focus();
    }
  };
}
