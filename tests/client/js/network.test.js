// The simulator of bad networks.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { NetworkConditions, seededRandom } from '../../../assets/client/orrery.js';

/** The far end of a connection: what comes in, and when. */
class FarEnd {
  /** @type {((event: any) => void) | null} */
  onopen = null;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** @type {((event: any) => void) | null} */
  onerror = null;
  binaryType = '';
  /** @type {[number, any][]} */
  came = [];
  /** @type {number | null} */
  closedAt = null;

  /** @param {any} data */
  send(data) {
    this.came.push([nowMs, data]);
  }

  close() {
    this.closedAt = nowMs;
  }
}

let nowMs = 0;
const originalNow = performance.now;
beforeEach(() => {
  nowMs = 1_000;
  mock.timers.enable({ apis: ['setTimeout'] });
  performance.now = () => nowMs;
});
afterEach(() => {
  mock.timers.reset();
  performance.now = originalNow;
});

/** @param {number} ms */
function pass(ms) {
  for (let step = 0; step < ms; step++) {
    nowMs += 1;
    mock.timers.tick(1);
  }
}

/** @param {ConstructorParameters<typeof NetworkConditions>[0]} conditions */
function connected(conditions) {
  const far = new FarEnd();
  const net = new NetworkConditions({ socket: () => far, ...conditions });
  const near = net.socket('ws://server', []);
  /** @type {[number, any][]} when, and what */
  const came = [];
  /** @type {any[]} */
  const closes = [];
  near.onmessage = ({ data }) => came.push([nowMs, data]);
  near.onclose = (event) => closes.push(event);
  return { net, near, far, came, closes };
}

describe('a bad network', () => {
  test('delays messages in both directions', () => {
    const { near, far, came } = connected({ latencyMs: 75 });
    near.send('out');
    far.onmessage?.({ data: 'in' });
    pass(74);
    assert.deepEqual([far.came, came], [[], []]);
    pass(2);
    assert.deepEqual([far.came, came], [[[1_075, 'out']], [[1_075, 'in']]]);
  });

  test('keeps the order, however uneven the delays are', () => {
    const { near, far } = connected({ latencyMs: 100, jitterPercent: 90, seed: 3 });
    for (let count = 0; count < 200; count++) {
      near.send(count);
      pass(1);
    }
    pass(200);
    assert.deepEqual(far.came.map(([, data]) => data), [...Array(200).keys()]);
    const delays = far.came.map(([at, data]) => at - 1_000 - data);
    assert.ok(Math.min(...delays) >= 9 && Math.max(...delays) <= 191 && new Set(delays).size > 20, String(delays));
  });

  test('does the same with the same seed', () => {
    const times = [1, 1, 2].map((seed) => {
      nowMs = 1_000;
      const { near, far } = connected({ latencyMs: 100, jitterPercent: 50, seed });
      for (let count = 0; count < 20; count++) {
        near.send(count);
        pass(40);
      }
      pass(200);
      return far.came.map(([at]) => at);
    });
    assert.deepEqual(times[0], times[1]);
    assert.notDeepEqual(times[0], times[2]);
  });

  test('loses a connection without a close frame, and with it what was on its way', () => {
    const { net, near, far, came, closes } = connected({ latencyMs: 50 });
    near.send('lost');
    far.onmessage?.({ data: 'lost' });
    pass(10);
    net.drop();
    assert.equal(closes[0].code, 1006);
    near.send('too late');
    far.onmessage?.({ data: 'too late' });
    pass(200);
    assert.deepEqual([far.came, far.closedAt, came, closes.length], [[], null, [], 1]);
  });

  test('may lose it without a word to anybody', () => {
    const { net, near, far, closes } = connected({ latencyMs: 0 });
    net.drop({ silent: true });
    near.send('into the void');
    pass(10);
    assert.deepEqual({ came: far.came, closes }, { came: [], closes: [] });
  });

  test('refuses connections for a while', () => {
    let opened = 0;
    const net = new NetworkConditions({ socket: () => { opened += 1; return new FarEnd(); }, latencyMs: 20 });
    net.refuse(1_000);
    const refused = net.socket('ws://server', []);
    /** @type {number[]} */
    const closes = [];
    refused.onclose = ({ code }) => closes.push(code);
    pass(21);
    assert.deepEqual([closes, opened], [[1006], 0]);
    pass(1_000);
    net.socket('ws://server', []);
    assert.equal(opened, 1);
  });

  test('loses connections by itself, about as often as told', () => {
    const lives = [];
    for (let seed = 1; seed <= 40; seed++) {
      const { closes } = connected({ lossOfConnectionEveryMs: 400, seed });
      const start = nowMs;
      while (closes.length === 0) pass(10);
      lives.push(nowMs - start);
    }
    const mean = lives.reduce((sum, life) => sum + life, 0) / lives.length;
    assert.ok(mean > 340 && mean < 480 && Math.min(...lives) >= 200, String(mean));
  });

  test('passes a close on in either direction', () => {
    const one = connected({ latencyMs: 30 });
    one.near.send('last words');
    one.near.close(1000);
    pass(31);
    assert.deepEqual([one.far.came.length, one.far.closedAt], [1, nowMs - 1]);
    const other = connected({ latencyMs: 30 });
    other.far.onmessage?.({ data: 'bye' });
    other.far.onclose?.({ code: 4009, reason: 'replaced' });
    pass(31);
    assert.deepEqual([other.came.length, other.closes], [1, [{ code: 4009, reason: 'replaced' }]]);
  });

  test('changes while connections last', () => {
    const { net, near, far } = connected({ latencyMs: 100 });
    near.send('slow');
    net.set({ latencyMs: 0 });
    near.send('behind it');
    pass(99);
    assert.equal(far.came.length, 0);
    pass(2);
    assert.deepEqual(far.came.map(([, data]) => data), ['slow', 'behind it']);
  });
});

test('seeded chance is spread evenly', () => {
  const random = seededRandom(42);
  const numbers = Array.from({ length: 10_000 }, random);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  assert.ok(mean > 0.49 && mean < 0.51 && Math.min(...numbers) >= 0 && Math.max(...numbers) < 1);
});
