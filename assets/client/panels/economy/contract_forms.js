// Offering a contract, and delivering to one that was accepted.

import { areOf, credits, number, permille } from '../../ui/format.js';
import { dealForm } from './deals.js';
import { available, awayProblem, wallet } from './known.js';
import { amount, itemChoice, lengthChoice } from './parts.js';
import { amountProblem, creditsProblem, goodsProblem, listingFee, secondsProblem, sum } from './rules.js';

export function contractForm(game, scope, { hub, item, done }) {
  const economy = game.catalog.economy;
  const kind = itemChoice(game, 'Goods to bring', item);
  const pieces = amount('Pieces', { start: 10 });
  const reward = amount('Reward', { start: 100, unit: 'cr for everything' });
  const collateral = amount('Collateral', { start: 0, min: 0, unit: 'cr', help: 'What who accepts puts at stake. May be 0.' });
  const length = lengthChoice('To be fulfilled within', economy.contract, 86400);

  const form = dealForm(game, scope, {
    name: 'Offer a contract', controls: [kind.row, pieces.row, reward.row, collateral.row, length.row],
    plan() {
      const [quantity, paid, stake] = [pieces.value(), reward.value(), collateral.value()];
      const label = 'Offer the contract';
      const wrong = named('Pieces', amountProblem(quantity)) ?? named('Reward', amountProblem(paid)) ?? named('Collateral', amountProblem(stake, { least: 0 }));
      if (wrong) return { problem: wrong, label };
      const fee = listingFee(economy, paid);
      const needed = sum(paid, fee);
      return {
        problem: creditsProblem(needed, wallet(game)) ?? secondsProblem(length.value(), economy.contract), label,
        deal: ['offer_contract', { hub, item: kind.value(), quantity, reward: paid, collateral: stake, seconds: length.value() }],
        facts: [[`Fee (${permille(economy.market.listing_fee_permille)} of the reward), not given back`, credits(fee)], ['Set aside now, with the fee', credits(needed)], ['Comes into', `your storage at ${game.name('hub', hub)}`]],
      };
    },
    done(answer) {
      game.toast('The contract is on offer.', { level: 'good' });
      done(answer);
    },
  });
  return form.element;
}

/** `now()` is the contract as last heard of. */
export function deliverForm(game, scope, { hub, now, done }) {
  const needed = () => now().quantity - now().delivered;
  const have = () => available(game, hub, now().item);
  const most = () => Math.max(1, Math.min(needed(), have()));
  const pieces = amount('Pieces', { start: most(), all: most });
  return dealForm(game, scope, {
    name: 'Deliver', controls: pieces.row,
    plan() {
      const { item, contract, reward, collateral } = now();
      const quantity = pieces.value();
      const over = now().due_ms <= scope.now() ? 'The contract’s time is over.' : null;
      const tooMany = quantity > needed() ? `Only ${number(needed())} ${areOf(needed())} still needed.` : null;
      return {
        problem: over ?? amountProblem(quantity) ?? tooMany ?? goodsProblem(quantity, have(), game.name('item', item), 'in your hold and storage here') ?? awayProblem(game, hub),
        label: 'Deliver', deal: ['deliver', { hub, contract, item, quantity }],
        facts: [['Still needed', number(needed())], ['You have here', number(have())], quantity === needed() && ['With the last piece you get', credits(reward + collateral)]],
      };
    },
    done(answer) {
      game.toast(answer.paid > 0 ? `Fulfilled: ${credits(answer.paid)} are in your wallet.` : `${number(answer.delivered)} of ${number(answer.quantity)} delivered.`, { level: 'good' });
      pieces.set(Math.max(1, answer.quantity - answer.delivered));
      done?.(answer);
    },
  });
}

const named = (name, problem) => problem && `${name}: ${problem}`;
