// Orders: placing one with its fee and tax worked out beforehand, and buying from one offer at the price that was seen.

import { button, fill, h } from '../../ui/dom.js';
import { areOf, count, credits, goodsOf, number, permille } from '../../ui/format.js';
import { meet } from './book.js';
import { dealForm } from './deals.js';
import { available, awayProblem, wallet } from './known.js';
import { amount, touched } from './parts.js';
import { amountProblem, creditsProblem, goodsProblem, listingFee, longWords, product, saleTax } from './rules.js';

/** `book()` gives the newest answer to `market`. Returns `{element, update, set({side, price, quantity})}`. */
export function orderForm(game, scope, { hub, item, side: first, book, done }) {
  const economy = game.catalog.economy;
  const name = game.name('item', item);
  const sides = sideChoice(first);
  const pieces = amount('Pieces', { start: 1, all: most });
  const price = amount('Price', { start: startPrice(), unit: 'cr a piece' });
  // A price that somebody typed stays; one that was suggested goes with the market until the form is used, and with the side that is chosen.
  let [priced, suggesting] = [false, false];
  price.input.addEventListener('input', () => { if (!suggesting) priced = true; });

  function most() {
    if (sides.value() === 'sell') return available(game, hub, item);
    return Math.floor(wallet(game) / Math.max(1, price.value() ?? 1));
  }
  function startPrice() {
    const quote = book().quotes.find((entry) => entry.item === item);
    const best = sides.value() === 'sell' ? quote?.bid ?? quote?.ask : quote?.ask ?? quote?.bid;
    return best ?? quote?.last ?? game.hub(hub)?.buys[item] ?? 1;
  }

  function plan() {
    const [side, quantity, each] = [sides.value(), pieces.value(), price.value()];
    const label = side === 'sell' ? `Offer ${name}` : `Order ${name}`;
    const wrong = amountProblem(quantity) ?? amountProblem(each);
    if (wrong) return { problem: wrong, label };
    const value = product(each, quantity);
    if (value === null) return { problem: 'That is more than any wallet can hold.', label };
    const met = meet(book(), { side, quantity, price: each, player: game.client.player, economy, nowMs: scope.now() });
    return side === 'sell' ? sale({ quantity, each, value, met, label }) : purchase({ quantity, each, value, met, label });
  }
  const own = (met) => (met.own === null ? null : `It would meet your own order ${met.own}: cancel that one first.`);

  function sale({ quantity, each, value, met, label }) {
    const fee = listingFee(economy, value);
    const later = met.rest * each;
    const problem = goodsProblem(quantity, available(game, hub, item), name, 'in your hold and storage here') ?? creditsProblem(fee, wallet(game)) ?? own(met) ?? awayProblem(game, hub);
    return { problem, label, deal: ['list', { hub, item, quantity, price: each }], facts: [
      ['You have here', number(available(game, hub, item))],
      [`Fee (${permille(economy.market.listing_fee_permille)}), not given back`, credits(fee)],
      met.filled > 0 && ['Sold at once', `${number(met.filled)} for ${credits(met.brought)} after tax`],
      met.rest > 0 && ['Stays in the book', `${number(met.rest)} for ${longWords(economy.market.order_seconds)}`],
      met.rest > 0 && [`When those sell, after ${permille(economy.market.sale_tax_permille)} tax`, credits(later - saleTax(economy, later))],
    ] };
  }

  function purchase({ quantity, each, value, met, label }) {
    const problem = creditsProblem(value, wallet(game)) ?? own(met);
    return { problem, label, deal: ['order', { hub, item, quantity, price: each }], facts: [
      ['Set aside now', credits(value)],
      met.filled > 0 && ['Bought at once', `${number(met.filled)} for ${credits(met.value)}`],
      met.filled * each > met.value && ['Comes back at once', credits(met.filled * each - met.value)],
      met.rest > 0 && ['Waits in the book', `${number(met.rest)} for ${longWords(economy.market.order_seconds)}`],
      ['Comes into', `your storage at ${game.name('hub', hub)}`],
    ] };
  }

  const form = dealForm(game, scope, {
    name: `Order of ${name}`, controls: [sides.element, h('div', { class: 'pair' }, pieces.row, price.row)], plan,
    done(answer) {
      game.toast(placed(name, answer, sides.value()), { level: 'good' });
      pieces.set(1);
      done?.(answer);
    },
  });

  const used = touched(form.element);
  let quoted = false;
  function suggest() {
    if (priced || price.value() === startPrice()) return;
    suggesting = true;
    price.set(startPrice());
    suggesting = false;
  }
  sides.element.addEventListener('change', suggest);

  return {
    element: form.element,
    update() {
      // The first prices come after the form is there, and perhaps under a finger already.
      if (!quoted || !used()) suggest();
      quoted = true;
      form.update();
    },
    set(values) {
      if (values.side) sides.set(values.side);
      if (values.quantity) pieces.set(sides.value() === 'sell' ? Math.max(1, Math.min(values.quantity, available(game, hub, item))) : values.quantity);
      if (values.price) price.set(values.price);
      form.update();
      pieces.input.focus();
      form.element.scrollIntoView({ block: 'nearest' });
    },
  };
}

function sideChoice(first) {
  const options = [['buy', 'Buy'], ['sell', 'Sell']].map(([value, label]) => {
    const input = h('input', { type: 'radio', name: 'side', value, checked: value === first });
    return { input, element: h('label', { class: 'segment' }, input, h('span', {}, label)) };
  });
  return {
    element: h('fieldset', { class: 'segments' }, h('legend', { class: 'visually-hidden' }, 'Buy or sell'), options.map(({ element }) => element)),
    value: () => options.find(({ input }) => input.checked)?.input.value ?? 'buy',
    set: (value) => { options.find(({ input }) => input.value === value).input.checked = true; },
  };
}

function placed(name, answer, side) {
  const done = answer.filled > 0 ? `${side === 'sell' ? 'Sold' : 'Bought'} ${goodsOf(answer.filled, name)} for ${credits(answer.credits)}.` : '';
  const rest = answer.open > 0 ? `${count(answer.open, 'piece')} in the book.` : '';
  return [done, rest].filter(Boolean).join(' ');
}

/** Buys from one sell order. `now()` is that order in the newest book, or null when it is gone. Returns `{element, update}`. */
export function buyForm(game, scope, { hub, item, entry, now, done, stop }) {
  const name = game.name('item', item);
  const most = () => Math.min(now()?.open ?? entry.open, Math.max(1, Math.floor(wallet(game) / entry.price)));
  const pieces = amount('Pieces to buy', { start: most(), all: most });
  const form = dealForm(game, scope, {
    name: `Buy ${name} at ${number(entry.price)}`, controls: pieces.row,
    plan() {
      const quantity = pieces.value();
      const left = now()?.open ?? 0;
      const paid = quantity === null || quantity < 0 ? null : product(entry.price, quantity);
      const problem = left === 0 ? 'This offer is gone.' : amountProblem(quantity) ?? (quantity > left ? `Only ${number(left)} ${areOf(left)} left in this offer.` : null) ?? creditsProblem(paid, wallet(game));
      return { problem, label: 'Buy now', deal: ['buy', { hub, order: entry.order, quantity, price: entry.price }],
        facts: [['Price', `${credits(entry.price)} a piece, ${number(left)} offered`], ['You pay', credits(paid)], ['Comes into', `your storage at ${game.name('hub', hub)}`]] };
    },
    done(answer) {
      game.toast(`Bought ${goodsOf(answer.quantity, name)} for ${credits(answer.paid)}.`, { level: 'good' });
      done(answer);
    },
  });
  const box = h('div', { class: 'inset' });
  fill(box, h('div', { class: 'back' }, h('h4', {}, `Buy at ${credits(entry.price)}`), button('Close', stop, { class: 'button--small' })), form.element);
  return { element: box, update: form.update };
}
