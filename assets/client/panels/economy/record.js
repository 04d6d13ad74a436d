// What the player has done since the account exists.

import { fill, h, loading } from '../../ui/dom.js';
import { credits, distance, number } from '../../ui/format.js';
import { sums } from './parts.js';

export function recordTab(root, game, scope) {
  const list = h('div', { class: 'stack' });
  fill(root, list);
  scope.watch((_, changed) => { if (changed.has('status') || changed.has('stats')) fill(list, content(game)); });
}

function content({ state: { status, stats }, name }) {
  if (!status) return loading();
  const { lifetime } = status;
  return [sums([
    ['Name', status.name], ['Wallet', credits(status.credits)], ['Ship', name('ship', status.ship)],
    stats && ['Speed', `${distance(stats.speed)} a second`],
    stats && ['Collects within', distance(stats.collect_range)],
  ]), h('h3', {}, 'Since you began'), sums([
    ['Objects collected', number(lifetime.objects_collected)], ['Pieces sold to hubs', number(lifetime.pieces_sold)],
    ['Earned by selling', credits(lifetime.credits_earned)], ['Spent', credits(lifetime.credits_spent)],
    ['Technologies researched', number(lifetime.techs_researched)], ['Jumps', number(lifetime.jumps)],
  ])];
}
