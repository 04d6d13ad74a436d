// Prices of an item at a hub over time, and what was traded.

import { api, poll } from '../../lib/api.js';
import { empty, failure, fill, h, select } from '../../lib/dom.js';
import { integer } from '../../lib/format.js';
import { lineChart } from '../../lib/chart.js';
import { priceSeries } from './ticks.js';

const EVERY_MS = 5000;
const SPANS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const LIMIT = 200;

export async function pricesTab(panel, hub, items, ctx, signal) {
  const asked = ctx.query.get('item');
  const item = select(items.options, items.get(asked) ? asked : await busiest(hub, signal) ?? items.keys[0], { 'aria-label': 'Item' });
  const span = select([['minute', 'per minute'], ['hour', 'per hour'], ['day', 'per day']], 'minute', { 'aria-label': 'Span' });
  const charts = h('div', { class: 'grid' });
  let drawn = null;

  const watch = poll({
    every: EVERY_MS, signal,
    load: () => api.get(`/markets/${hub}/prices`, { query: { item: item.value, span: span.value, limit: LIMIT }, signal }),
    onData: draw, onError: (error) => { drawn = null; fill(charts, failure(error, () => watch.now())); },
  });

  function draw({ items: ticks }) {
    const data = priceSeries(ticks, SPANS[span.value]);
    if (data === null) {
      drawn = null;
      fill(charts, empty('Nothing of it was traded here.'));
      return;
    }
    if (drawn === null) {
      drawn = [
        lineChart({ title: 'Price', series: [{ name: 'close', label: 'last' }, { name: 'low', label: 'lowest' }, { name: 'high', label: 'highest' }], format: integer, min: null, height: 220 }),
        lineChart({ title: 'Pieces traded', series: [{ name: 'volume', label: 'pieces' }], format: integer, height: 220 }),
      ];
      fill(charts, drawn.map(({ element }) => h('div', { class: 'panel' }, element)));
    }
    drawn.forEach((chart) => chart.set(data));
  }

  const again = () => {
    ctx.setQuery({ item: item.value });
    watch.now();
  };
  item.addEventListener('change', again);
  span.addEventListener('change', again);
  fill(panel, h('div', { class: 'toolbar' }, item, span), charts);
}

/** The item of which most was traded here in the last 24 hours. */
async function busiest(hub, signal) {
  const markets = await api.get('/markets', { signal });
  const quotes = markets.items.find((market) => market.hub === hub)?.quotes ?? [];
  return quotes.reduce((best, quote) => (best === null || quote.volume_day > best.volume_day ? quote : best), null)?.item;
}
