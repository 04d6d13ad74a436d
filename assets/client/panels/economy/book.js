// What can be worked out from an order book that was read: how deep it is, and what a new order would meet. Pure.

import { AMOUNT_MAX, product, saleTax } from './rules.js';

/**
 * The orders of a side, best first, each with `total`, the pieces up to it, `share` (0 to 1), how that compares with the deeper side, and `mine`.
 */
export function withDepth(orders, player, deepest = depth(orders)) {
  let total = 0;
  return orders.map((order) => {
    total += order.open;
    return { ...order, total, share: deepest > 0 ? total / deepest : 0, mine: order.owner === player };
  });
}

/** All pieces of a side. */
export const depth = (orders) => orders.reduce((total, order) => total + order.open, 0);

/** What lies between the best prices; null when a side is empty. */
export function spread({ sells, buys }) {
  if (sells.length === 0 || buys.length === 0) return null;
  return sells[0].price - buys[0].price;
}

/**
 * What a new order would meet: `side` is 'sell' or 'buy'. Trades happen at the resting order's price; each trade of a sale is taxed for itself.
 * Returns `{filled, value, brought, rest, own}`: pieces traded at once, what they cost at those prices, what a seller gets of it after tax, what
 * stays in the book, and the number of an order of one's own that would be met (then the server refuses), or null.
 */
export function meet(book, { side, quantity, price, player, economy, nowMs = 0 }) {
  const resting = side === 'sell' ? book.buys : book.sells;
  const fits = side === 'sell' ? (theirs) => theirs >= price : (theirs) => theirs <= price;
  const result = { filled: 0, value: 0, brought: 0, rest: quantity, own: null };
  for (const order of resting) {
    if (result.rest === 0 || !fits(order.price)) break;
    if (order.expires_ms <= nowMs) continue;
    if (order.owner === player) return { ...result, own: order.order };
    const pieces = Math.min(order.open, result.rest);
    const value = product(order.price, pieces) ?? AMOUNT_MAX;
    result.filled += pieces;
    result.rest -= pieces;
    result.value += value;
    result.brought += value - saleTax(economy, value);
  }
  return result;
}

/** A quote with what a ticker message says: other best prices, and the pieces traded since. */
export function quoteAfter(quote, ticker) {
  const before = quote ?? { item: ticker.item, bid_quantity: 0, ask_quantity: 0, volume_day: 0 };
  return { ...before, bid: ticker.bid, ask: ticker.ask, last: ticker.last, volume_day: before.volume_day + ticker.quantity };
}

/** The quotes that a search and a filter leave, by name. `held` says how many of an item one has at the hub. */
export function chosenQuotes(quotes, { search = '', filter = 'all', nameOf, held = () => 0 }) {
  const words = search.trim().toLowerCase();
  const kept = quotes.filter((quote) => {
    if (words !== '' && !nameOf(quote.item).toLowerCase().includes(words)) return false;
    if (filter === 'traded') return [quote.bid, quote.ask, quote.last].some((price) => price !== null);
    if (filter === 'offered') return quote.ask !== null;
    if (filter === 'wanted') return quote.bid !== null;
    if (filter === 'held') return held(quote.item) > 0;
    return true;
  });
  return kept.sort((a, b) => nameOf(a.item).localeCompare(nameOf(b.item)));
}
