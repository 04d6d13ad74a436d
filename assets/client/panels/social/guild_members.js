// The members of a guild: who they are, and what a role may do with a lower one.

import { confirmDialog } from '../../ui/dialog.js';
import { badge, button, h, section } from '../../ui/dom.js';
import { playerLink } from '../../ui/player_card.js';
import { time } from '../../ui/format.js';
import { ROLES } from './guild.js';

const RANK = { leader: 2, officer: 1, member: 0 };

export function membersSection(game, answer, role, act) {
  const members = [...answer.members].sort((a, b) => RANK[b.role] - RANK[a.role] || a.joined_ms - b.joined_ms);
  return section('Members', h('ul', { class: 'list' }, members.map((member) => h('li', { class: 'member' },
    h('div', { class: 'spread' }, h('span', {}, playerLink(game, member.player, member.name), member.player === game.client.player && h('span', { class: 'own small' }, ' (you)')),
      badge(ROLES[member.role], member.role === 'leader' ? 'warn' : member.role === 'officer' ? 'info' : '')),
    h('div', { class: 'spread' }, h('span', { class: 'muted small' }, `since ${time(member.joined_ms)}`), actions(game, member, role, act))))));
}

function actions(game, { player, name, role: theirs }, role, act) {
  if (player === game.client.player || RANK[role] <= RANK[theirs]) return null;
  const small = (label, run, props = {}) => button(label, run, { ...props, class: `button--small ${props.class ?? ''}`, 'aria-label': `${label} ${name}` });
  const setRole = (to, done) => act('set_role', { player, role: to }, done);
  return h('div', { class: 'row' },
    role === 'leader' && theirs === 'member' && small('Promote', () => setRole('officer', `${name} is an officer now.`)),
    role === 'leader' && theirs === 'officer' && small('Demote', () => setRole('member', `${name} is a member now.`)),
    role === 'leader' && small('Make leader', async () => {
      if (await confirmDialog({ title: `Make ${name} the leader?`, text: 'There is one leader. You become an officer.', yes: 'Make leader', danger: true })) setRole('leader', `${name} leads the guild now.`);
    }),
    small('Kick', async () => {
      if (await confirmDialog({ title: `Throw ${name} out?`, text: 'The member is told, and can come back only when invited again.', yes: 'Throw out', danger: true })) act('kick', { player }, `${name} is not in the guild any more.`);
    }, { class: 'button--danger' }));
}
