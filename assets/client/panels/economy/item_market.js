// The market of one item at a hub: its prices, the order book with its depth, orders to place, to buy from and to take back, and what was paid before.

import { badge, failure, fill, h, loading, section } from '../../ui/dom.js';
import { areOf, credits, goodsOf, number } from '../../ui/format.js';
import { asking } from './asking.js';
import { depth, spread, withDepth } from './book.js';
import { buyForm, orderForm } from './order_forms.js';
import { dealButton } from './deals.js';
import { priceChart } from './price_chart.js';
import { backBar, opener, refill, sums, table } from './parts.js';

const ORDERS_ASKED = 100;
const ORDERS_SHOWN = 12;

export function itemMarket(root, game, scope, { hub, item, side = 'buy', back }) {
  const name = game.name('item', item);
  const prices = h('div', {}, loading());
  const own = h('div');
  const book = h('div', { class: 'book' });
  const buying = h('div');
  let [whole, bought, purchase] = [false, null, null];
  let answer = { quotes: [], sells: [], buys: [] };
  const bar = backBar(name, back, 'Back to all goods');
  const order = orderForm(game, scope, { hub, item, side, book: () => answer, done: () => question.now() });
  const chart = priceChart(game, scope, { hub, item });
  fill(root, bar, prices, hubItself(game, hub, item), own, section('Place an order', order.element), section('Order book', buying, book), section('Prices so far', chart.element));
  bar.querySelector('h3').focus({ preventScroll: true });

  const question = asking(scope, {
    ask: () => game.client.command('market', { hub, item, limit: ORDERS_ASKED }),
    show(next) {
      answer = next;
      draw();
      order.update();
      purchase?.update();
    },
    fail: (error, retry) => fill(prices, failure(game.explain(error), retry)),
  });
  scope.follow({ ticker: hub }, (ticker) => {
    if (ticker.item !== item) return;
    question.soon();
    chart.trade(ticker);
  });
  scope.on('welcome', question.now);
  question.now();

  function draw() {
    const quote = answer.quotes.find((entry) => entry.item === item);
    refill(prices, sums([
      ['Buyers pay', credits(quote?.bid)], ['Sellers ask', credits(quote?.ask)], ['Between', credits(spread(answer))], ['Last', credits(quote?.last)],
      ['24 h', number(quote?.volume_day ?? 0)],
    ], 'sums--row'));
    drawOwn();
    const deepest = Math.max(depth(answer.sells), depth(answer.buys));
    refill(book, bookSide('sell', answer.sells, deepest), bookSide('buy', answer.buys, deepest),
      !whole && Math.max(answer.sells.length, answer.buys.length) > ORDERS_SHOWN && opener('Show the whole book', () => { whole = true; draw(); }, 'whole-book'));
  }

  function drawOwn() {
    const mine = [...answer.sells, ...answer.buys].filter((entry) => entry.owner === game.client.player);
    refill(own, mine.length > 0 && section('Your orders', table(`Your orders of ${name}`, ['Order', { label: 'Price', number: true }, { label: 'Pieces', number: true }, { label: 'Cancel', hidden: true }],
      mine.map((entry) => [entry.side === 'sell' ? 'Sell' : 'Buy', number(entry.price), number(entry.open), cancelOrder(game, hub, entry, question.now)]))));
  }

  function bookSide(which, orders, deepest) {
    const shown = withDepth(orders, game.client.player, deepest).slice(0, whole ? ORDERS_ASKED : ORDERS_SHOWN);
    const title = which === 'sell' ? 'Sellers' : 'Buyers';
    if (shown.length === 0) return h('p', { class: 'muted' }, which === 'sell' ? 'Nobody sells it here.' : 'Nobody wants it here.');
    return table(`${title}, best price first`, [{ label: 'Price', number: true }, { label: 'Pieces', number: true }, { label: 'Up to here', number: true }, { label: 'What you can do', hidden: true }],
      shown.map((entry) => ({ class: `depth depth--${which} ${entry.mine ? 'depth--mine' : ''}`, cells: [
        priceCell(entry), number(entry.open), depthCell(entry), actions(which, entry),
      ] })), { showCaption: true });
  }

  const priceCell = (entry) => opener(number(entry.price), () => order.set({ price: entry.price }), `price-${entry.order}`, { 'aria-label': `Use the price ${number(entry.price)}`, title: 'Use this price in your order' });

  function actions(which, entry) {
    if (entry.mine) return badge('yours', 'good');
    if (which === 'sell') return opener('Buy', () => startBuying(entry), `buy-${entry.order}`, { 'aria-label': `Buy from this offer at ${number(entry.price)}`, class: 'button button--small' });
    return opener('Sell', () => order.set({ side: 'sell', price: entry.price, quantity: entry.open }), `sell-${entry.order}`, { 'aria-label': `Sell to this buyer at ${number(entry.price)}`, class: 'button button--small' });
  }

  function startBuying(entry) {
    bought?.close();
    bought = scope.part();
    const stop = () => { bought?.close(); [bought, purchase] = [null, null]; fill(buying); };
    purchase = buyForm(game, bought, { hub, item, entry, now: () => answer.sells.find(({ order: id }) => id === entry.order) ?? null, done: () => { stop(); question.now(); }, stop });
    fill(buying, purchase.element);
    buying.querySelector('input').focus();
    buying.scrollIntoView({ block: 'nearest' });
  }
}

/** What the hub pays or asks by itself, beside the market. */
function hubItself(game, key, item) {
  const hub = game.hub(key);
  const [pays, asks] = [hub?.buys[item], hub?.sells[item]];
  const parts = [pays !== undefined && `pays ${credits(pays)} a piece at once`, asks !== undefined && `sells it for ${credits(asks)} a piece`].filter(Boolean);
  return parts.length > 0 && h('p', { class: 'muted' }, `${hub.name} itself ${parts.join(' and ')}. `,
    opener(asks === undefined ? 'Sell to the hub' : 'Trade with the hub', () => game.open('ship', asks === undefined ? { item } : { tab: 'hub', hub: key, item }), 'hub-itself'));
}

function depthCell({ total, share }) {
  return h('span', { class: 'depth__cell' }, h('span', { class: 'depth__bar', style: { width: `${Math.round(share * 100)}%` }, 'aria-hidden': 'true' }), h('span', { class: 'depth__text' }, number(total)));
}

/** The button that takes an own order out of the book. */
export function cancelOrder(game, hub, entry, done) {
  const name = game.name('item', entry.item);
  const back = entry.side === 'sell' ? `${goodsOf(entry.open, name)} ${areOf(entry.open)} back in your storage there.` : `${credits(entry.open * entry.price)} are back in your wallet.`;
  return dealButton(game, {
    label: 'Cancel', name: `Cancel the ${entry.side === 'sell' ? 'sale' : 'purchase'} of ${goodsOf(entry.open, name)} at ${number(entry.price)}`,
    deal: ['cancel_order', { hub, order: entry.order }], key: `cancel-order-${hub}-${entry.order}`,
    done: (answer) => { game.toast(`Order cancelled: ${back}`, { level: 'good' }); done?.(answer); },
  });
}
