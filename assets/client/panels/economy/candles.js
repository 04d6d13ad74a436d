// Prices over time, made ready for drawing: the newest spans of a history, a scale of round numbers, and the same in words. Pure.

import { count } from '../../ui/format.js';

export const SPANS = {
  minute: { title: 'Minutes', ms: 60_000 },
  hour: { title: 'Hours', ms: 3_600_000 },
  day: { title: 'Days', ms: 86_400_000 },
};

/** Oldest first, whatever order they came in. */
export const oldestFirst = (ticks) => [...ticks].sort((a, b) => a.at_ms - b.at_ms);

/** Round numbers around what was paid: `{low, high, ticks}`, five lines at most, whole credits, never below 0. */
export function scale(ticks) {
  const least = Math.min(...ticks.map((tick) => tick.low));
  const most = Math.max(...ticks.map((tick) => tick.high));
  const raw = Math.max(1, (most - least) / 3);
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => size >= raw));
  // One price alone stands in the middle.
  const room = least === most ? step : 0;
  const low = Math.max(0, Math.floor(least / step) * step - room);
  const high = Math.max(Math.ceil(most / step) * step + room, low + step);
  const lines = [];
  for (let value = low; value <= high; value += step) lines.push(value);
  return { low, high, ticks: lines };
}

/**
 * Where each span stands in a drawing: x by its number, because spans without a trade are left out of a history and would only be gaps.
 * `{x, width, high, low, open, close, volume}` in pixels of a box `{left, top, width, height}`; the volume's bars take the lowest `volumeHeight`.
 */
export function places(ticks, box, volumeHeight) {
  const { low, high } = scale(ticks);
  const slot = box.width / Math.max(ticks.length, 12);
  const priceHeight = box.height - volumeHeight;
  const y = (value) => box.top + priceHeight * (1 - (value - low) / (high - low));
  const most = Math.max(1, ...ticks.map((tick) => tick.volume));
  return ticks.map((tick, index) => ({
    tick,
    x: box.left + box.width - slot * (ticks.length - index - 0.5),
    width: Math.max(1, Math.min(14, slot * 0.7)),
    open: y(tick.open), high: y(tick.high), low: y(tick.low), close: y(tick.close),
    volume: (tick.volume / most) * (volumeHeight - 2),
  }));
}

/** A history with a trade that a ticker told of: the running span grows, or a new one begins. */
export function withTrade(ticks, { span, price, quantity, atMs, max = 100 }) {
  const begins = Math.floor(atMs / SPANS[span].ms) * SPANS[span].ms;
  const last = ticks[ticks.length - 1];
  if (last && last.at_ms > begins) return ticks;
  if (last?.at_ms === begins) {
    const grown = { ...last, high: Math.max(last.high, price), low: Math.min(last.low, price), close: price, volume: last.volume + quantity };
    return [...ticks.slice(0, -1), grown];
  }
  return [...ticks, { at_ms: begins, open: price, high: price, low: price, close: price, volume: quantity }].slice(-max);
}

/** The chart for who cannot see it. */
export function summary(name, span, ticks) {
  if (ticks.length === 0) return `No trades of ${name} are known.`;
  const [first, last] = [ticks[0], ticks[ticks.length - 1]];
  const least = Math.min(...ticks.map((tick) => tick.low));
  const most = Math.max(...ticks.map((tick) => tick.high));
  const pieces = ticks.reduce((total, tick) => total + tick.volume, 0);
  const way = last.close > first.open ? 'up' : last.close < first.open ? 'down' : 'unchanged';
  return `${name} by ${span}: now ${last.close}, ${way} from ${first.open}; least ${least}, most ${most}; ${count(pieces, 'piece')} traded in ${count(ticks.length, span)} with trades.`;
}
