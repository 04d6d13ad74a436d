// What was paid, drawn: candles with the traded pieces below, an axis, a reading under the pointer or the arrow keys, and all of it as a table.

import { failure, fill, h, svg, tabs } from '../../ui/dom.js';
import { count, credits, number, time } from '../../ui/format.js';
import { asking } from './asking.js';
import { SPANS, oldestFirst, places, scale, summary, withTrade } from './candles.js';
import { table } from './parts.js';

const HEIGHT = 190;
const PLOT = { left: 8, right: 52, top: 8, bottom: 20 };
const VOLUME_HEIGHT = 34;
const SPANS_SHOWN = 60;
const ROWS_SHOWN = 20;

/** Returns `{element, trade(ticker)}`; `trade` takes what a ticker message tells. */
export function priceChart(game, scope, { hub, item }) {
  const name = game.name('item', item);
  const picture = svg('svg', { class: 'chart', height: HEIGHT, width: '100%', role: 'img', tabindex: '0' });
  const reading = h('p', { class: 'chart__reading' });
  const words = h('p', { class: 'visually-hidden' });
  const numbers = h('div');
  const list = h('details', { class: 'chart__table' }, h('summary', {}, 'As a table'), numbers);
  const box = h('figure', { class: 'chart-box' }, reading, picture, words, list);
  const choice = tabs('Time of one candle', Object.entries(SPANS).map(([key, { title }]) => [key, title]), 'minute', chooseSpan);
  choice.body.append(box);
  let [span, ticks, at, width, part, question] = ['minute', [], null, 360, null, null];

  function chooseSpan(next) {
    span = next;
    [ticks, at] = [[], null];
    part?.close();
    part = scope.part();
    question = asking(part, {
      ask: () => game.client.command('price_history', { hub, item, span: next, limit: 100 }),
      show(answer) {
        ticks = oldestFirst(answer.items);
        draw();
      },
      fail: (error, retry) => fill(reading, failure(game.explain(error), retry)),
    });
    draw();
    question.now();
  }

  function draw() {
    const shown = ticks.slice(-SPANS_SHOWN);
    fill(words, summary(name, span, shown));
    picture.setAttribute('aria-label', `Prices of ${name}; arrow keys read them one by one`);
    const rows = [...shown].reverse().slice(0, ROWS_SHOWN).map((tick) => [time(tick.at_ms), number(tick.open), number(tick.high), number(tick.low), number(tick.close), number(tick.volume)]);
    fill(numbers, table(`Prices of ${name} by ${span}`, ['From', ...['First', 'High', 'Low', 'Last', 'Pieces'].map((label) => ({ label, number: true }))], rows));
    if (shown.length === 0) {
      fill(reading, question?.answer === null ? 'Loading…' : 'No trades in this time.');
      fill(picture, svg('text', { x: width / 2, y: HEIGHT / 2, 'text-anchor': 'middle', class: 'chart__label' }, question?.answer === null ? '' : 'no trades'));
      return;
    }
    drawCandles(shown);
    read(shown);
  }

  function drawCandles(shown) {
    const plot = { left: PLOT.left, top: PLOT.top, width: width - PLOT.left - PLOT.right, height: HEIGHT - PLOT.top - PLOT.bottom };
    const { low, high, ticks: lines } = scale(shown);
    const y = (value) => plot.top + (plot.height - VOLUME_HEIGHT) * (1 - (value - low) / (high - low));
    const candles = places(shown, plot, VOLUME_HEIGHT);
    const floor = plot.top + plot.height;
    fill(picture,
      lines.map((value) => [svg('line', { x1: plot.left, x2: plot.left + plot.width, y1: y(value), y2: y(value), class: 'chart__rule' }),
        svg('text', { x: width - PLOT.right + 6, y: y(value) + 4, class: 'chart__label' }, number(value))]),
      candles.map(({ tick, x, width: wide, open, close, high: top, low: bottom, volume }) => svg('g', { class: tick.close >= tick.open ? 'candle candle--up' : 'candle candle--down' },
        svg('rect', { x: x - wide / 2, y: floor - volume, width: wide, height: Math.max(volume, 0.5), class: 'candle__volume' }),
        svg('line', { x1: x, x2: x, y1: top, y2: bottom, class: 'candle__wick' }),
        svg('rect', { x: x - wide / 2, y: Math.min(open, close), width: wide, height: Math.max(1.5, Math.abs(close - open)), class: 'candle__body' }))),
      times(candles).map(({ x, tick, anchor }) => svg('text', { x, y: HEIGHT - 5, 'text-anchor': anchor, class: 'chart__label' }, time(tick.at_ms))),
      at !== null && candles[at] && svg('line', { x1: candles[at].x, x2: candles[at].x, y1: plot.top, y2: floor, class: 'chart__cursor' }));
  }

  // The first and the last one shown; one alone when they are too near for two texts.
  function times(candles) {
    const [first, last] = [candles[0], candles[candles.length - 1]];
    const end = { ...last, anchor: 'end', x: Math.min(last.x + 20, width - PLOT.right) };
    return end.x - first.x < 190 ? [end] : [{ ...first, anchor: 'start', x: Math.max(PLOT.left, first.x - 20) }, end];
  }

  function read(shown) {
    const tick = shown[at ?? shown.length - 1];
    fill(reading, h('b', {}, time(tick.at_ms)), ` first ${number(tick.open)}, high ${number(tick.high)}, low ${number(tick.low)}, last `, h('b', {}, credits(tick.close)), `, ${count(tick.volume, 'piece')}`);
    if (at !== null) picture.setAttribute('aria-label', `${name} at ${time(tick.at_ms)}: last ${tick.close}, high ${tick.high}, low ${tick.low}, ${count(tick.volume, 'piece')}`);
  }

  function point(next) {
    const most = Math.min(ticks.length, SPANS_SHOWN) - 1;
    at = next === null || most < 0 ? null : Math.max(0, Math.min(most, next));
    draw();
  }

  picture.addEventListener('pointermove', (event) => {
    const shown = ticks.slice(-SPANS_SHOWN);
    if (shown.length === 0) return;
    const across = event.clientX - picture.getBoundingClientRect().left;
    const candles = places(shown, { left: PLOT.left, top: 0, width: width - PLOT.left - PLOT.right, height: 100 }, 10);
    const nearest = candles.reduce((best, candle, index) => (Math.abs(candle.x - across) < Math.abs(candles[best].x - across) ? index : best), 0);
    if (nearest !== at) point(nearest);
  });
  picture.addEventListener('pointerleave', () => point(null));
  picture.addEventListener('blur', () => point(null));
  picture.addEventListener('keydown', (event) => {
    const last = Math.min(ticks.length, SPANS_SHOWN) - 1;
    const next = { ArrowLeft: (at ?? last) - 1, ArrowRight: (at ?? last) + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    point(next);
  });

  // One unit of the drawing is one pixel, so that texts have the page's size at any width.
  const sized = new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === 0 || Math.abs(contentRect.width - width) < 1) return;
    width = contentRect.width;
    draw();
  });
  sized.observe(picture);
  scope.add(() => sized.disconnect());

  return {
    element: h('div', {}, choice.element, choice.body),
    trade({ last, quantity, at_ms: atMs }) {
      if (last === null || quantity === 0 || !question?.answer) return;
      ticks = withTrade(ticks, { span, price: last, quantity, atMs });
      draw();
    },
  };
}
