// Giving credits to another player: a form for the player's card.

import { credits } from '../../ui/format.js';
import { dealForm } from './deals.js';
import { wallet } from './known.js';
import { amount } from './parts.js';
import { amountProblem, creditsProblem } from './rules.js';
import { openScope } from './scope.js';

/** The form lives until the promise `closed` is settled; `done(answer)` when the gift is stored. */
export function giveForm(game, { player, name, closed, done }) {
  const scope = openScope(game, document.createElement('div'));
  closed.finally(scope.close);
  const gift = amount('Credits to give', { start: 10, unit: 'cr' });
  const form = dealForm(game, scope, {
    name: `Give credits to ${name}`, controls: gift.row,
    ask: () => ({ title: `Give ${name} ${credits(gift.value())}?`, text: 'A gift cannot be taken back.', yes: 'Give' }),
    plan() {
      const given = gift.value();
      const self = player === game.client.player ? 'You cannot give to yourself.' : null;
      const left = wallet(game) - (given ?? 0);
      return { problem: self ?? amountProblem(given) ?? creditsProblem(given, wallet(game)), label: `Give to ${name}`, deal: ['give', { to: player, credits: given }],
        facts: [['You have', credits(wallet(game))], given !== null && left >= 0 && ['Left after it', credits(left)]] };
    },
    done(answer) {
      game.toast(`You gave ${name} ${credits(answer.credits)}.`, { level: 'good' });
      done?.(answer);
    },
  });
  return form.element;
}
