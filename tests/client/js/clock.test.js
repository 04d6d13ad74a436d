// The clock: what the server's tick is, as far as late and uneven news tell; in virtual time.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TickClock, seededRandom } from '../../../assets/client/orrery.js';

const FRAME_MS = 1000 / 60;

/**
 * A server whose news are on their way for `delay()` ms, in order, and a page that looks at the clock in each frame.
 * @param {object} link
 * @param {(nowMs: number) => number} link.delay
 * @param {(nowMs: number) => number} [link.tickMs] length of a tick at that time
 * @param {(nowMs: number) => boolean} [link.speaks] whether the tick at that time is told of
 */
function simulation({ delay, tickMs = () => 50, speaks = () => true }) {
  const clock = new TickClock({ now: () => nowMs });
  let [nowMs, tick, nextMs, lastMs] = [0, 1_000, 0, 0];
  /** @type {{ atMs: number, tick: number }[]} */
  let onTheWay = [];
  return {
    clock,
    /** @param {number} ms @param {(seen: { nowMs: number, shown: number, truth: number }) => void} [look] */
    run(ms, look = () => {}) {
      for (const end = nowMs + ms; nowMs < end; nowMs += FRAME_MS) {
        for (; nextMs <= nowMs; nextMs += tickMs(nextMs)) {
          tick += 1;
          lastMs = Math.max(lastMs, nextMs + delay(nextMs));
          if (speaks(nextMs)) onTheWay.push({ atMs: lastMs, tick });
        }
        for (const news of onTheWay.filter(({ atMs }) => atMs <= nowMs)) clock.observe(news.tick, news.atMs);
        onTheWay = onTheWay.filter(({ atMs }) => atMs > nowMs);
        const truth = tick + 1 - (nextMs - nowMs) / tickMs(nowMs);
        look({ nowMs, shown: clock.tick(nowMs), truth });
      }
    },
  };
}

/** Looks that the clock never goes back, and never runs at another pace than `most` times its own. */
function smoothness(/** @type {number} */ most) {
  let before = /** @type {{ nowMs: number, shown: number } | null} */ (null);
  return (/** @type {{ nowMs: number, shown: number }} */ seen) => {
    if (before) {
      const pace = ((seen.shown - before.shown) * 50) / (seen.nowMs - before.nowMs);
      assert.ok(pace >= 0 && pace <= most, `pace ${pace} at ${seen.nowMs}`);
    }
    before = seen;
  };
}

describe('the clock', () => {
  test('knows the current tick within a tick at 150 ms of latency and 5 % of jitter, at an even pace', () => {
    const random = seededRandom(7);
    const { clock, run } = simulation({ delay: () => 150 * (0.95 + 0.1 * random()) });
    clock.setLead(150);
    run(2_000);
    const smooth = smoothness(1.15);
    run(30_000, (seen) => {
      smooth(seen);
      assert.ok(Math.abs(seen.shown - seen.truth) < 1, `${seen.shown} instead of ${seen.truth}`);
    });
  });

  test('says by itself which tick is arriving', () => {
    const { clock, run } = simulation({ delay: () => 100 });
    clock.setLead(100);
    run(2_000, () => void clock.arriving());
    assert.ok(Math.abs(clock.tick() - clock.arriving() - 2) < 0.2);
  });

  test('is not shaken by single delays of half a second', () => {
    const random = seededRandom(11);
    const { run } = simulation({ delay: () => (random() < 0.02 ? 500 : 50) });
    run(2_000);
    run(30_000, smoothness(1.3));
  });

  test('follows a world that is slowed down without a word', () => {
    const { run } = simulation({ delay: () => 20, tickMs: (nowMs) => (nowMs > 5_000 ? 54 : 50) });
    run(10_000);
    run(20_000, ({ shown, truth }) => assert.ok(Math.abs(shown - truth) < 5, `${shown} instead of ${truth}`));
  });

  test('takes on a pace that it is told at once, without a jump', () => {
    const { clock, run } = simulation({ delay: () => 20, tickMs: (nowMs) => (nowMs >= 5_000 ? 200 : 50) });
    const smooth = smoothness(1.3);
    run(1_000);
    run(4_000, smooth);
    clock.setPace(200);
    run(10_000, (seen) => {
      smooth(seen);
      assert.ok(Math.abs(seen.shown - seen.truth) < 2, `${seen.shown} instead of ${seen.truth}`);
    });
    assert.equal(clock.dilation, 4);
  });

  test('stands still for a world that stood still, and is right again soon', () => {
    const { run } = simulation({ delay: () => 20, tickMs: (nowMs) => (nowMs > 5_000 && nowMs < 5_060 ? 3_000 : 50) });
    run(1_000);
    run(11_000, smoothness(2.1));
    run(2_000, ({ shown, truth }) => assert.ok(Math.abs(shown - truth) < 1.5, `${shown} instead of ${truth}`));
  });

  test('runs on when nothing is told, and heartbeats alone keep it right', () => {
    const { clock, run } = simulation({ delay: () => 30, speaks: (nowMs) => nowMs < 1_000 || nowMs % 5_000 < 50 });
    clock.setLead(30);
    run(900);
    run(60_000, smoothness(1.3));
    run(5_000, ({ shown, truth }) => assert.ok(Math.abs(shown - truth) < 1, `${shown} instead of ${truth}`));
  });

  test('is right at once after the page was hidden', () => {
    const clock = new TickClock({ now: () => 0 });
    clock.observe(100, 0);
    assert.equal(clock.tick(0), 100);
    for (let tick = 101; tick < 2_000; tick++) clock.observe(tick, (tick - 100) * 50 + 2_000);
    assert.ok(Math.abs(clock.tick(96_950) - 1_999) < 0.01);
  });

  test('begins anew with a world that was started anew, in both directions', () => {
    const clock = new TickClock({ now: () => 0 });
    clock.observe(50_000, 0);
    assert.equal(clock.tick(0), 50_000);
    clock.observe(3, 10);
    assert.equal(clock.tick(10), 3);
    clock.observe(80_000, 20);
    assert.equal(clock.tick(20), 80_000);
  });

  test('believes a heartbeat of another world only when a second one says the same', () => {
    const clock = new TickClock({ now: () => 0 });
    clock.observe(1_000, 0);
    clock.observe(9_000, 50, false);
    assert.equal(Math.round(clock.tick(50)), 1_001);
    clock.observe(1_002, 100, false);
    clock.observe(9_000, 150, false);
    assert.equal(Math.round(clock.tick(150)), 1_003);
    clock.observe(9_100, 5_150, false);
    assert.equal(Math.round(clock.tick(5_150)), 9_100);
  });

  test('is 0 before it was told anything', () => {
    const clock = new TickClock({ now: () => 0 });
    assert.deepEqual([clock.tick(5), clock.arriving(5)], [0, 0]);
  });
});
