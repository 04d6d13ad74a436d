// A leaderboard: the first ones, and the player with who is just above and below.

import { empty, h } from '../../ui/dom.js';
import { count, number } from '../../ui/format.js';
import { playerLink } from '../../ui/player_card.js';

/** @param {{participants: number, top: any[], around: any[]}} ranks as `mission_ranks` and `season_ranks` answer */
export function ranksTable(game, { participants, top, around }, { score = 'Score', rewards = false, caption }) {
  if (!top.length) return empty('Nobody is on the board yet. Be the first.');
  const last = top.at(-1).rank;
  const others = around.filter(({ rank }) => rank > last);
  const row = ({ rank, player, name, score: points, reward }) => h('tr', { class: player === game.client.player ? 'own' : '' },
    h('td', { class: 'end ranks__rank' }, number(rank)), h('td', {}, playerLink(game, player, name), player === game.client.player && h('span', { class: 'small' }, ' (you)')),
    h('td', { class: 'end' }, number(points)), rewards && h('td', { class: 'end' }, reward ? number(reward) : '–'));
  return h('div', {},
    h('table', { class: 'table ranks' }, h('caption', { class: 'visually-hidden' }, caption),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'end' }, 'Rank'), h('th', { scope: 'col' }, 'Player'), h('th', { scope: 'col', class: 'end' }, score), rewards && h('th', { scope: 'col', class: 'end' }, 'Reward'))),
      h('tbody', {}, top.map(row),
        others.length > 0 && others[0].rank > last + 1 && h('tr', { class: 'muted' }, h('td', { class: 'end' }, '⋮'), h('td', { colspan: rewards ? 3 : 2 })), others.map(row))),
    h('p', { class: 'muted small' }, count(participants, 'participant')));
}
