// Ships with research, crafting's plan, the tree of technologies, candles, and the server's clock.

import assert from 'node:assert/strict';
import test from 'node:test';

import { oldestFirst, places, scale, summary, withTrade } from '../../../assets/client/panels/economy/candles.js';
import { craftPlan, makeable } from '../../../assets/client/panels/economy/craft_math.js';
import { change, craftSlots, piecesThatFit, shipStats, volumeOf } from '../../../assets/client/panels/economy/ship_math.js';
import { ServerClock, inExtension, progress } from '../../../assets/client/panels/economy/times.js';
import { layOut } from '../../../assets/client/panels/economy/tree.js';

const catalog = {
  start: { ship: 'sloop' }, economy: { craft: { slots: 1 } }, items: { ice: { volume: 1 }, ore: { volume: 2 } },
  ships: { sloop: { key: 'sloop', speed_units: 50, cargo_volume: 101, collect_range_units: 30 } },
  techs: { ion: { effects: [{ stat: 'speed', percent: 10 }] }, fusion: { effects: [{ stat: 'speed', percent: 25 }] }, nets: { effects: [{ stat: 'cargo', percent: 20 }] }, bench: { effects: [{ stat: 'craft_slots', percent: 100 }] } },
};

test('a ship’s numbers are its kind’s with the sum of what is known, rounded down', () => {
  assert.deepEqual(shipStats(catalog, 'sloop', ['ion', 'fusion', 'nets']), { ship: 'sloop', speed: 17_280, cargo_capacity: 121, collect_range: 7680 });
  assert.equal(shipStats(catalog, 'gone', []).ship, 'sloop');
  assert.equal(craftSlots(catalog, ['bench']), 2);
  assert.equal(change(50, 30), '-40%');
  assert.equal(change(100, 600), '+500%');
  assert.equal(change(7, 7), 'same');
});

test('what fits is counted in volume', () => {
  assert.equal(volumeOf(catalog, [{ item: 'ice', quantity: 3 }, { item: 'ore', quantity: 4 }, { item: 'gone', quantity: 9 }]), 11);
  assert.equal(piecesThatFit(catalog, 'ore', 5), 2);
});

const steel = { inputs: { ore: 3, coal: 1 }, output_quantity: 2, fee: 4, seconds: 30, requires: ['metal'], hubs: ['luna'] };
const plan = (runs, more = {}) => craftPlan(steel, runs, {
  rules: { runs_max: 100, jobs_max: 20 }, have: (item) => ({ ore: 7, coal: 9 })[item] ?? 0, known: ['metal'], credits: 8, jobs: 0, hub: 'luna', name: (_, key) => key, ...more,
});

test('a crafting plan says what it costs and why it would be refused', () => {
  assert.deepEqual(plan(2), { problem: null, fee: 8, seconds: 60, output: 4 });
  assert.match(plan(3).problem, /9 ore needed, you have 7/);
  assert.match(plan(2, { credits: 7 }).problem, /takes 8 cr/);
  assert.match(plan(2, { known: [] }).problem, /Research metal first/);
  assert.match(plan(2, { hub: 'mars' }).problem, /mars does not make/);
  assert.match(plan(2, { jobs: 20 }).problem, /Only 20 jobs/);
  assert.match(plan(101, { have: () => 1e6, credits: 1e6 }).problem, /At most 100/);
  assert.match(plan(null).problem, /whole number/);
  assert.equal(makeable(steel, { have: () => 7, credits: 100, most: 100 }), 2);
  assert.equal(makeable(steel, { have: () => 999, credits: 11, most: 100 }), 2);
});

test('a technology stands right of all that it needs, and nothing stands on another', () => {
  const techs = [{ tech: 'c', requires: ['a', 'b'] }, { tech: 'a', requires: [] }, { tech: 'b', requires: ['a'] }, { tech: 'd', requires: ['a'] }, { tech: 'e', requires: ['not there'] }];
  const { nodes, edges, columns } = layOut(techs);
  const at = new Map(nodes.map((node) => [node.tech, node]));
  for (const { from, to } of edges) assert.ok(at.get(from).column < at.get(to).column, `${from} is left of ${to}`);
  assert.equal(columns, 3);
  assert.equal(edges.length, 4);
  assert.equal(new Set(nodes.map(({ column, row }) => `${column} ${row}`)).size, techs.length);
  assert.deepEqual(layOut([]), { nodes: [], edges: [], columns: 0, rows: 0 });
  assert.equal(layOut([{ tech: 'a', requires: ['b'] }, { tech: 'b', requires: ['a'] }]).nodes.length, 2);
});

const tick = (at_ms, open, high, low, close, volume) => ({ at_ms, open, high, low, close, volume });

test('a trade grows the running span or begins a new one; a late one changes nothing', () => {
  const ticks = oldestFirst([tick(120_000, 5, 5, 5, 5, 1), tick(60_000, 4, 4, 4, 4, 2)]);
  assert.deepEqual(withTrade(ticks, { span: 'minute', price: 7, quantity: 3, atMs: 130_000 })[1], tick(120_000, 5, 7, 5, 7, 4));
  assert.deepEqual(withTrade(ticks, { span: 'minute', price: 7, quantity: 3, atMs: 185_000 })[2], tick(180_000, 7, 7, 7, 7, 3));
  assert.deepEqual(withTrade(ticks, { span: 'minute', price: 7, quantity: 3, atMs: 70_000 }), ticks);
  assert.equal(withTrade(ticks, { span: 'minute', price: 7, quantity: 3, atMs: 185_000, max: 2 }).length, 2);
});

test('the scale holds every price, in few round steps', () => {
  for (const [low, high] of [[1, 1], [3, 9], [0, 1], [980, 1020], [5, 5_000_000], [999_999, 999_999]]) {
    const { low: bottom, high: top, ticks } = scale([tick(0, low, high, low, high, 1)]);
    assert.ok(bottom <= low && top >= high && top > bottom && bottom >= 0, `${low} to ${high}: ${bottom} to ${top}`);
    assert.ok(ticks.length >= 2 && ticks.length <= 7 && ticks.every(Number.isSafeInteger), `${ticks}`);
  }
  const [only] = places([tick(0, 5, 9, 3, 8, 7)], { left: 0, top: 0, width: 100, height: 100 }, 20);
  assert.ok(only.high < only.close && only.close < only.open && only.open < only.low && only.low <= 80);
  assert.match(summary('Ice', 'hour', [tick(0, 5, 9, 3, 8, 7)]), /now 8, up from 5; least 3, most 9; 7 pieces/);
});

test('the server’s clock is the least delayed sample, and follows one that was set back', () => {
  const clock = new ServerClock();
  assert.equal(clock.now(500), 500);
  clock.sample(10_000, 1_200);
  clock.sample(20_000, 11_100);
  clock.sample(30_000, 21_900);
  assert.equal(clock.now(30_000), 38_900);
  clock.sample(10_000, 40_000);
  assert.equal(clock.now(40_000), 10_000);
});

test('progress stays between nothing and all; a bid in the last seconds is noticed', () => {
  assert.deepEqual([progress(0, 10, -5), progress(0, 10, 5), progress(0, 10, 50), progress(5, 5, 5)], [0, 0.5, 1, 1]);
  assert.equal(inExtension(100_000, 39_999, 60), false);
  assert.equal(inExtension(100_000, 40_000, 60), true);
  assert.equal(inExtension(100_000, 100_000, 60), false);
});
