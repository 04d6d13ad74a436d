// A bid, and the beginning of an auction.

import { h } from '../../ui/dom.js';
import { credits, duration, number, permille } from '../../ui/format.js';
import { dealForm } from './deals.js';
import { available, awayProblem, wallet } from './known.js';
import { amount, itemChoice, lengthChoice, touched } from './parts.js';
import { amountProblem, creditsProblem, goodsProblem, listingFee, saleTax, secondsProblem } from './rules.js';
import { inExtension } from './times.js';

/** `now()` is the auction as last heard of. Returns `{element, buyOut, update}`; `buyOut` is an empty place below. */
export function bidForm(game, scope, { hub, now, done }) {
  const economy = game.catalog.economy;
  const bid = amount('Your bid', { start: now().minimum, unit: 'cr for everything' });
  const form = dealForm(game, scope, {
    name: 'Bid', controls: bid.row,
    plan() {
      const entry = now();
      const offered = bid.value();
      const pays = entry.buy_out === null ? offered : Math.min(offered, entry.buy_out);
      const over = entry.ends_ms <= scope.now() ? 'The auction is over.' : null;
      const wins = entry.buy_out !== null && offered >= entry.buy_out;
      return {
        problem: over ?? amountProblem(offered, { least: entry.minimum }) ?? creditsProblem(offered, wallet(game)),
        label: wins ? 'Bid and win at once' : 'Bid', deal: ['bid', { hub, auction: entry.auction, amount: offered }],
        facts: [
          [wins ? 'You pay' : 'Set aside until you are outbid', credits(pays)],
          entry.bidder === game.client.player && entry.bid !== null && ['Your bid before comes back', credits(entry.bid)],
          !wins && inExtension(entry.ends_ms, scope.now(), economy.auction.extension_seconds) && ['A bid now', `moves the end to ${duration(economy.auction.extension_seconds * 1000)} after it`],
        ],
      };
    },
    done(answer) {
      game.toast(answer.won ? 'You have won it. The goods are in your storage.' : `Your bid of ${credits(answer.amount)} leads.`, { level: 'good' });
      done?.(answer);
    },
  });
  const used = touched(form.element);
  return {
    element: form.element,
    buyOut: h('div', { class: 'actions' }),
    update() {
      // Who only looks is always shown the least that is needed.
      if (!used() && bid.value() !== now().minimum) bid.set(now().minimum);
      form.update();
    },
  };
}

export function auctionForm(game, scope, { hub, item, done }) {
  const economy = game.catalog.economy;
  const kind = itemChoice(game, 'Goods', item);
  const have = () => available(game, hub, kind.value());
  const pieces = amount('Pieces', { start: 1, all: have });
  const start = amount('Least first bid', { start: 10, unit: 'cr for everything' });
  const increment = amount('A bid must exceed the one before by', { start: 1, unit: 'cr' });
  const buyOut = amount('Buy out', { start: '', unit: 'cr, empty for none' });
  buyOut.input.required = false;
  const length = lengthChoice('Lasts', economy.auction, 3600);

  const form = dealForm(game, scope, {
    name: 'Sell by auction', controls: [kind.row, pieces.row, start.row, increment.row, buyOut.row, length.row],
    plan() {
      const [quantity, first, step, out] = [pieces.value(), start.value(), increment.value(), buyOut.value()];
      const name = game.name('item', kind.value());
      const label = 'Begin the auction';
      const wrong = named('Pieces', amountProblem(quantity)) ?? named('First bid', amountProblem(first)) ?? named('Step', amountProblem(step)) ?? named('Buy out', outProblem(buyOut.input.value, out, first));
      if (wrong) return { problem: wrong, label, facts: [['You have here', number(have())]] };
      const fee = listingFee(economy, first);
      const body = { hub, item: kind.value(), quantity, start: first, increment: step, ...(out === null ? {} : { buy_out: out }), seconds: length.value() };
      const problem = goodsProblem(quantity, have(), name, 'in your hold and storage here') ?? creditsProblem(fee, wallet(game)) ?? secondsProblem(length.value(), economy.auction) ?? awayProblem(game, hub);
      return { problem, label, deal: ['auction', body], facts: [
        ['You have here', number(have())],
        [`Fee (${permille(economy.market.listing_fee_permille)} of the first bid), not given back`, credits(fee)],
        [`At the first bid you get, after ${permille(economy.market.sale_tax_permille)} tax`, credits(first - saleTax(economy, first))],
        out !== null && ['When somebody buys it out', credits(out - saleTax(economy, out))],
      ] };
    },
    done(answer) {
      game.toast('The auction runs.', { level: 'good' });
      done(answer);
    },
  });
  return form.element;
}

const named = (name, problem) => problem && `${name}: ${problem}`;

function outProblem(text, out, first) {
  if (text.trim() === '') return null;
  return amountProblem(out, { least: Math.max(1, first ?? 1) });
}
