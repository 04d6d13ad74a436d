// Price ticks of the API (newest first, spans without a trade left out) as the series of a chart (oldest first, one value per span). Pure.

const SPANS_MAX = 200;

export function priceSeries(ticks, stepMs) {
  if (ticks.length === 0) return null;
  const last = ticks[0].at_ms;
  const from = Math.max(ticks[ticks.length - 1].at_ms, last - (SPANS_MAX - 1) * stepMs);
  const count = Math.round((last - from) / stepMs) + 1;
  const byIndex = new Map(ticks.map((tick) => [Math.round((tick.at_ms - from) / stepMs), tick]));
  const series = { low: [], close: [], high: [], volume: [] };
  let close = null;
  for (let index = 0; index < count; index += 1) {
    const tick = byIndex.get(index);
    // Without a trade the price stays what it was, and nothing is traded.
    close = tick?.close ?? close;
    series.low.push(tick?.low ?? close);
    series.high.push(tick?.high ?? close);
    series.close.push(close);
    series.volume.push(tick?.volume ?? 0);
  }
  return { from_ms: from, step_ms: stepMs, span_ms: Math.max(1, count - 1) * stepMs, series };
}
