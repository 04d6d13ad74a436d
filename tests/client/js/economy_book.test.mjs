// What a new order would meet in a book, the book's depth, and quotes that follow the ticker.

import assert from 'node:assert/strict';
import test from 'node:test';

import { chosenQuotes, depth, meet, quoteAfter, spread, withDepth } from '../../../assets/client/panels/economy/book.js';

const economy = { market: { sale_tax_permille: 20 } };
const order = (id, price, open, owner = 'them') => ({ order: id, price, open, owner, expires_ms: 1000 });
const book = { sells: [order(1, 10, 4), order(2, 10, 1), order(3, 12, 5)], buys: [order(4, 8, 60), order(5, 7, 49)] };
const asks = (values) => meet(book, { player: 'me', economy, ...values });

test('a purchase takes the cheapest first, at their prices, and the rest waits', () => {
  assert.deepEqual(asks({ side: 'buy', quantity: 7, price: 11 }), { filled: 5, value: 50, brought: 50, rest: 2, own: null });
  assert.deepEqual(asks({ side: 'buy', quantity: 7, price: 12 }).value, 74);
  assert.equal(asks({ side: 'buy', quantity: 7, price: 9 }).filled, 0);
});

test('each trade of a sale is taxed for itself, rounded down', () => {
  // 480 is taxed by 9, 49 × 7 = 343 by 6; put together it would be 16.
  assert.deepEqual(asks({ side: 'sell', quantity: 109, price: 7 }), { filled: 109, value: 823, brought: 823 - 15, rest: 0, own: null });
});

test('an order that would meet one’s own is told of; one of one’s own that is not met is not', () => {
  const mixed = { sells: [order(1, 10, 4), order(2, 11, 1, 'me')], buys: [] };
  assert.equal(meet(mixed, { side: 'buy', quantity: 5, price: 11, player: 'me', economy }).own, 2);
  assert.equal(meet(mixed, { side: 'buy', quantity: 4, price: 11, player: 'me', economy }).own, null);
});

test('orders whose time is over are not met', () => {
  assert.equal(asks({ side: 'buy', quantity: 1, price: 99, nowMs: 1000 }).filled, 0);
});

test('depth grows from the best price on, and is drawn against the deeper side', () => {
  const rows = withDepth(book.sells, 'them', depth(book.buys));
  assert.deepEqual(rows.map(({ total }) => total), [4, 5, 10]);
  assert.equal(rows[2].share, 10 / 109);
  assert.ok(rows.every(({ mine }) => mine));
  assert.equal(spread(book), 2);
  assert.equal(spread({ sells: [], buys: book.buys }), null);
});

test('a ticker changes a quote’s prices and adds to its day', () => {
  const ticker = { item: 'ice', bid: 2, ask: null, last: 3, quantity: 4 };
  assert.equal(quoteAfter({ item: 'ice', bid: 1, ask: 5, last: 1, volume_day: 10 }, ticker).volume_day, 14);
  assert.deepEqual(quoteAfter(undefined, ticker), { item: 'ice', bid: 2, ask: null, last: 3, volume_day: 4, bid_quantity: 0, ask_quantity: 0 });
});

test('quotes are found by their names and by what one looks for', () => {
  const quotes = [{ item: 'ice', bid: 1, ask: null, last: null }, { item: 'ore', bid: null, ask: 4, last: 4 }, { item: 'gas', bid: null, ask: null, last: null }];
  const nameOf = (item) => ({ ice: 'Water ice', ore: 'Iron ore', gas: 'Gas' })[item];
  const found = (more) => chosenQuotes(quotes, { nameOf, ...more }).map(({ item }) => item);
  assert.deepEqual(found({}), ['gas', 'ore', 'ice']);
  assert.deepEqual(found({ filter: 'traded' }), ['ore', 'ice']);
  assert.deepEqual(found({ search: ' WATER' }), ['ice']);
  assert.deepEqual(found({ filter: 'offered' }), ['ore']);
  assert.deepEqual(found({ filter: 'wanted' }), ['ice']);
  assert.deepEqual(found({ filter: 'held', held: (item) => (item === 'gas' ? 1 : 0) }), ['gas']);
});
