// The parts of the page that only calculate. They need no browser.

import assert from 'node:assert/strict';

const page = new URL('../../../assets/console/', import.meta.url);
const load = (path) => import(new URL(path, page));

const { runningTotals } = await load('screens/player/running.js');
const { priceSeries } = await load('screens/market/ticks.js');
const { merge } = await load('screens/chat/lines.js');
const { given, needed } = await load('screens/mission/progress.js');
const { flatten } = await load('lib/diff.js');

const me = 'player:a';
const rows = [
  { seq: 4, from: 'operators', to: me, item: null, amount: 50 },
  { seq: 3, from: me, to: 'market:luna', item: 'ice', amount: 3 },
  { seq: 2, from: me, to: 'treasury', item: null, amount: 20 },
  { seq: 1, from: 'space', to: me, item: 'ice', amount: 5 },
].map(runningTotals(me, { credits: 130, goods: { ice: 2 } }));
assert.deepEqual(rows.map(({ delta, balance }) => [delta, balance]), [[50, 130], [-3, 2], [-20, 80], [5, 5]]);

const tick = (at_ms, close, volume) => ({ at_ms, open: close, low: close - 1, high: close + 1, close, volume });
const prices = priceSeries([tick(240_000, 12, 7), tick(60_000, 10, 4)], 60_000);
assert.deepEqual(prices, {
  from_ms: 60_000, step_ms: 60_000,
  series: { low: [9, 10, 10, 11], high: [11, 10, 10, 13], close: [10, 10, 10, 12], volume: [4, 0, 0, 7] },
});
assert.equal(priceSeries([], 60_000), null);

const line = (seq, text) => ({ seq, text });
assert.deepEqual(merge([line(2, 'b'), line(3, 'c')], [line(3, 'c'), line(1, 'a')]).map(({ text }) => text).join(''), 'abc');

const mission = { needs: [{ needed: 10, given: 14 }, { needed: 30, given: 5 }] };
assert.deepEqual([given(mission), needed(mission)], [15, 40]);

assert.deepEqual([...flatten({ credits: 5, cargo: { ice: 3 }, known: ['ion_tuning'], ban: null, jobs: [{ id: 1 }], none: [] })],
  [['credits', 5], ['cargo.ice', 3], ['known.ion_tuning', true], ['ban', null], ['jobs.0.id', 1], ['none', []]]);
