// One kind of goods, with everything that can be done with it: sell it to the hub in reach, move it between hold and storage, offer it to others.

import { badge, button, fill, h, section } from '../../ui/dom.js';
import { credits, goodsOf, number } from '../../ui/format.js';
import { flyButton, nearestHub } from '../../ui/way.js';
import { dealForm } from './deals.js';
import { awayProblem, freeVolume, inHold, inStorage, loadable, wallet } from './known.js';
import { amount, backBar, refill, table } from './parts.js';
import { amountProblem, goodsProblem, hubTax, product } from './rules.js';
import { piecesThatFit } from './ship_math.js';

/** `hub`: the storage that is looked at; without it, that of the hub in reach. Returns what ends it. */
export function goodsView(root, game, panel, { item, hub: fixed = null, back }) {
  const scope = panel.part();
  let inner = null;
  const name = game.name('item', item);
  const kind = game.catalog.items[item];
  const place = h('p', { class: 'muted' });
  const forms = h('div', { class: 'forms' });
  const prices = h('div');
  const elsewhere = h('p', { class: 'actions' });
  const bar = backBar(name, back);
  fill(root, bar, place, forms, elsewhere, prices);
  bar.querySelector('h3').focus({ preventScroll: true });
  let shown;

  scope.watch((_, changed) => {
    const hub = fixed ?? game.state.hub;
    if (hub !== shown) {
      shown = hub;
      drawForms(hub);
    }
    if (changed.has('hub') || changed.has('world')) drawPrices();
    if (changed.has('status') || changed.has('storage') || changed.has('hub')) {
      fill(place, `${number(kind?.volume ?? 0)} volume a piece. `, `${number(inHold(game, item))} in the hold`, hub && `, ${number(inStorage(game, hub, item))} in the storage at ${game.name('hub', hub)}`, '.');
    }
  });

  function drawForms(hub) {
    inner?.close();
    inner = scope.part();
    if (!hub) {
      const near = nearestHub(game, ({ buys }) => buys[item] !== undefined) ?? nearestHub(game);
      refill(forms, h('p', { class: 'muted' }, 'No hub is in reach: fly to one to sell, store or offer these goods.'), near && h('p', { class: 'actions' }, flyButton(game, near.key, { class: 'button--primary' })));
      fill(elsewhere);
      return;
    }
    const buys = game.hub(hub)?.buys[item] !== undefined;
    const [sell, unload, load] = [buys && sellForm(game, inner, hub, item), moveForm(game, inner, hub, item, 'unload'), moveForm(game, inner, hub, item, 'load')];
    refill(forms, sell, unload, load);
    // What there is nothing of needs no form; when the last piece has gone, the list is of more use than this view.
    let had = false;
    inner.watch(() => {
      const [held, stored] = [inHold(game, item), inStorage(game, hub, item)];
      if (sell) sell.hidden = held === 0;
      [unload.hidden, load.hidden] = [held === 0, stored === 0];
      if (had && held + stored === 0) queueMicrotask(back);
      had = held + stored > 0;
    });
    fill(elsewhere, button('Market', () => game.open('market', { hub, item }), { class: 'button--small' }),
      button('Auction it', () => game.open('auctions', { hub, create: item }), { class: 'button--small' }));
  }

  function drawPrices() {
    const buyers = game.hubs().filter(({ buys }) => buys[item] !== undefined).sort((a, b) => b.buys[item] - a.buys[item]);
    if (buyers.length === 0) return;
    refill(prices, section('Hubs that buy it', table(`Hubs that buy ${name}`, ['Hub', 'Sector', { label: 'Pays', number: true }, { label: 'The way there', hidden: true }],
      buyers.map((hub) => [hub.name, hub.sector === game.client.world?.key ? badge('here', 'good') : game.name('sector', hub.sector), number(hub.buys[item]),
        game.state.hub !== hub.key && flyButton(game, hub.key, { brief: true })]))));
  }
  return scope.close;
}

function sellForm(game, scope, hub, item) {
  const name = game.name('item', item);
  const pieces = amount('Pieces to sell', { start: Math.max(1, inHold(game, item)), all: () => inHold(game, item) });
  const form = dealForm(game, scope, {
    name: `Sell ${name} to the hub`, controls: pieces.row,
    plan() {
      const quantity = pieces.value();
      const price = game.hub(hub).buys[item];
      const gross = quantity === null ? null : product(price, Math.max(0, quantity));
      const tax = gross === null ? 0 : hubTax(game.catalog.economy, wallet(game), gross);
      const problem = amountProblem(quantity) ?? goodsProblem(quantity, inHold(game, item), name, 'in the hold') ?? awayProblem(game, hub) ?? (gross === null ? 'That is more than any wallet can hold.' : null);
      return { problem, deal: ['sell', { hub, item, quantity }], label: `Sell to ${game.name('hub', hub)}`,
        facts: [['Price', `${number(price)} a piece`], tax > 0 && ['Tax', `−${credits(tax)}`], ['You get', credits(gross === null ? null : gross - tax)]] };
    },
    done: (answer) => {
      game.toast(`Sold ${goodsOf(answer.quantity, name)} for ${credits(answer.paid)}.`, { level: 'good' });
      pieces.set(1);
    },
  });
  return section('Sell', form.element);
}

function moveForm(game, scope, hub, item, type) {
  const name = game.name('item', item);
  const most = () => (type === 'load' ? loadable(game, hub, item) : inHold(game, item));
  const pieces = amount('Pieces', { start: Math.max(1, most()), all: most });
  const form = dealForm(game, scope, {
    name: type === 'load' ? `Load ${name}` : `Unload ${name}`, controls: pieces.row,
    plan() {
      const quantity = pieces.value();
      const have = type === 'load' ? inStorage(game, hub, item) : inHold(game, item);
      const where = type === 'load' ? 'in the storage' : 'in the hold';
      const problem = amountProblem(quantity) ?? goodsProblem(quantity, have, name, where) ?? (type === 'load' ? roomProblem(game, item, quantity) : null) ?? awayProblem(game, hub);
      return { problem, deal: [type, { hub, item, quantity }], label: type === 'load' ? 'Load into the hold' : `Unload into the storage`,
        facts: [[where === 'in the hold' ? 'In the hold' : 'In the storage', number(have)]] };
    },
    done: (answer) => {
      game.toast(`${type === 'load' ? 'Loaded' : 'Unloaded'} ${goodsOf(answer.quantity, name)}.`, { level: 'good' });
      pieces.set(1);
    },
  });
  return section(type === 'load' ? 'Load' : 'Unload', form.element);
}

function roomProblem(game, item, quantity) {
  const fit = piecesThatFit(game.catalog, item, freeVolume(game));
  return quantity > fit ? `There is room for ${number(fit)} in the hold.` : null;
}
