// Courses, distances and the grid where vectors do not reach: at the ends of what numbers hold.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grid, distance2, positionAt, positionBetween, within } from '../../../assets/client/orrery.js';

const [LEAST, MOST] = [-(2 ** 31), 2 ** 31 - 1];

test('a position is exact where its product is beyond what a double holds', () => {
  const course = { from: /** @type {[number, number]} */ ([LEAST, MOST]), to: /** @type {[number, number]} */ ([MOST, LEAST]), departs: 0, arrives: 2 ** 31 - 1 };
  for (const tick of [1, 12_345_678, 2 ** 30, 2 ** 31 - 2]) {
    const way = (2n ** 32n - 1n) * BigInt(tick);
    const total = 2n ** 31n - 1n;
    const [along, over] = [way / total, way % total];
    assert.deepEqual(positionAt(course, tick), [LEAST + Number(along), MOST - Number(over === 0n ? along : along + 1n)], String(tick));
  }
});

test('a tick with a fraction is the whole one before for positions, and between them for drawing', () => {
  const course = { from: /** @type {[number, number]} */ ([0, 0]), to: /** @type {[number, number]} */ ([10, -10]), departs: 100, arrives: 110 };
  assert.deepEqual(positionAt(course, 104.9), [4, -4]);
  assert.deepEqual(positionBetween(course, 104.5), [4.5, -4.5]);
  for (const at of [positionAt, positionBetween]) assert.deepEqual([at(course, 0), at(course, 1e9)], [[0, 0], [10, -10]]);
});

test('what is exactly in range is in range, and a step more is not', () => {
  assert.ok(within([0, 0], [3, 4], 5));
  assert.ok(!within([0, 0], [3, 4], 4));
  assert.ok(!within([0, 0], [4, 4], 5));
  assert.equal(distance2([10, -10], [13, -14]), 25);
  // 20000001 · (3, 4, 5): squares beyond 2^53.
  const far = 20_000_001;
  assert.ok(within([-far, 0], [2 * far, 4 * far], 5 * far));
  assert.ok(!within([-far, 0], [2 * far, 4 * far + 1], 5 * far));
  assert.ok(!within([LEAST, LEAST], [MOST, MOST], MOST));
});

test('there is no cell outside the world', () => {
  const grid = new Grid({ sizeUnits: 1_000, cellUnits: 100 });
  assert.deepEqual([grid.cellAt(9, 9), grid.cellAt(10, 0), grid.cellAt(0, -1), grid.cellCount], [99, null, null, 100]);
  assert.deepEqual([grid.columnAndRow(42), grid.gap(11, [90 * 256, 230 * 256]), grid.gap(11, [150 * 256, 150 * 256])], [[2, 4], [10 * 256, 30 * 256], [0, 0]]);
});
