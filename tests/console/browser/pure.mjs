// The parts of the page that only calculate, as the browser has them.

import assert from 'node:assert/strict';
import { run } from './lib/console.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  const results = await page.evaluate(async () => {
    const { runningTotals } = await import('/screens/player/running.js');
    const { priceSeries } = await import('/screens/market/ticks.js');
    const { merge } = await import('/screens/chat/lines.js');
    const { given, needed } = await import('/screens/mission/progress.js');
    const { flatten } = await import('/lib/diff.js');
    const me = 'player:a';
    const tick = (at_ms, close, volume) => ({ at_ms, open: close, low: close - 1, high: close + 1, close, volume });
    const mission = { needs: [{ needed: 10, given: 14 }, { needed: 30, given: 5 }] };
    return {
      totals: [
        { from: 'operators', to: me, item: null, amount: 50 }, { from: me, to: 'market:luna', item: 'ice', amount: 3 },
        { from: me, to: 'treasury', item: null, amount: 20 }, { from: 'space', to: me, item: 'ice', amount: 5 },
      ].map(runningTotals(me, { credits: 130, goods: { ice: 2 } })).map(({ delta, balance }) => [delta, balance]),
      prices: priceSeries([tick(240_000, 12, 7), tick(60_000, 10, 4)], 60_000),
      nothing: priceSeries([], 60_000),
      lines: merge([{ seq: 2 }, { seq: 3 }], [{ seq: 3 }, { seq: 1 }]).map(({ seq }) => seq),
      phase: [given(mission), needed(mission)],
      flat: [...flatten({ credits: 5, cargo: { ice: 3 }, known: ['ion_tuning'], ban: null, jobs: [{ id: 1 }], none: [] })],
    };
  });
  // What was there after each row, newest first.
  assert.deepEqual(results.totals, [[50, 130], [-3, 2], [-20, 80], [5, 5]]);
  // A span without a trade keeps the price and trades nothing.
  assert.deepEqual(results.prices, {
    from_ms: 60_000, step_ms: 60_000, span_ms: 180_000, series: { low: [9, 10, 10, 11], high: [11, 10, 10, 13], close: [10, 10, 10, 12], volume: [4, 0, 0, 7] },
  });
  assert.equal(results.nothing, null);
  // Each line once, oldest first.
  assert.deepEqual(results.lines, [1, 2, 3]);
  // More of one kind than needed does not make up for another.
  assert.deepEqual(results.phase, [15, 40]);
  // A list of texts is a set.
  assert.deepEqual(results.flat, [['credits', 5], ['cargo.ice', 3], ['known.ion_tuning', true], ['ban', null], ['jobs.0.id', 1], ['none', []]]);
});
