// The page has words for every code and every kind of notification that PROTOCOL.md lists, and for no others.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { NOTICE_KINDS, words } from '../../../assets/client/ui/notices.js';
import { CLOSES, explain, REFUSALS } from '../../../assets/client/ui/refusals.js';

const protocol = readFileSync(new URL('../../../src/core/protocol/PROTOCOL.md', import.meta.url), 'utf8');
/** Codes of the library's own, and of a connection that ends without a close frame. */
const OWN_CODES = ['connection_lost', 'not_connected', 'outcome_unknown'];
const LOST = '1006';

/** The first cells of the table behind a line that begins so, without backticks; several in one cell count each. */
function firstCells(header) {
  const lines = protocol.split('\n');
  const from = lines.findIndex((line) => line.startsWith(header));
  assert.ok(from > 0, header);
  const cells = [];
  for (const line of lines.slice(from + 2)) {
    if (!line.startsWith('|')) break;
    cells.push(...line.split('|')[1].split(',').map((cell) => cell.trim().replaceAll('`', '')));
  }
  return cells;
}

test('every error code has words, and no words are left without a code', () => {
  const codes = new Set([...firstCells('| code | remembered'), ...firstCells('| HTTP code'), ...OWN_CODES]);
  assert.deepEqual(Object.keys(REFUSALS).sort(), [...codes].sort());
});

test('every close code has words', () => {
  assert.deepEqual(Object.keys(CLOSES).sort(), [...firstCells('| code | why'), LOST].sort());
});

test('every kind of notification has words', () => {
  assert.deepEqual([...NOTICE_KINDS].sort(), firstCells('| kind | what happened').sort());
});

const name = (kind, key) => `${kind} ${key}`;

test('a refusal is told with its numbers', () => {
  const told = (code, details, retryAfterMs = null) => explain({ code, details, retryAfterMs, message: 'why' }, name);
  assert.equal(told('out_of_range', { distance: 8602, range: 7680 }), 'Too far away: 4 units until it is in reach. Fly closer.');
  assert.equal(told('not_enough_goods', { item: 'ice', needed: 5, have: 2 }), 'Not enough item ice: 5 needed, you have 2.');
  assert.equal(told('bid_too_low', { minimum: 1500 }), 'The bid is too low: 1,500 cr is the least.');
  assert.match(told('rate_limited', {}, 2500), /Try again in 3 s\.$/);
  assert.match(told('banned', { reason: 'spam', until_ms: null }), /for good\. Reason: spam$/);
});

test('no refusal and no notification needs numbers to be told', () => {
  for (const code of Object.keys(REFUSALS)) assert.ok(!/undefined|NaN|null/.test(explain({ code, details: {}, message: 'why', retryAfterMs: null }, name)), code);
  assert.equal(explain({ code: 'of_a_newer_server', message: 'the moon is full' }), 'That did not work: the moon is full');
  assert.equal(words({ of_a_newer_server: {} }, { name }).text, 'Something happened: of_a_newer_server.');
});

test('a notification is told with the catalogue’s names, and leads to its panel', () => {
  const sold = words({ sold: { hub: 'luna', order: 1, item: 'ice', quantity: 3, credits: 58 } }, { name });
  assert.equal(sold.text, 'Sold 3 item ice at hub luna for 58 cr.');
  assert.deepEqual([sold.panel, sold.params], ['market', { hub: 'luna', item: 'ice' }]);
  const over = words({ mission_over: { mission: 'ice_run_1', rank: 2, score: 40, credits: 100, goods: { glass: 2 } } }, { name });
  assert.equal(over.text, 'mission ice_run_1 is over: rank 2, score 40, reward 100 cr and 2 item glass.');
});
