// Auctions of a hub: what runs with its count-down, bidding, buying out, selling by auction, taking back what nobody has bid for.

import { badge, button, empty, failure, field, fill, h, loading, select } from '../../ui/dom.js';
import { credits, number } from '../../ui/format.js';
import { allPages, asking } from './asking.js';
import { auctionForm, bidForm } from './auction_forms.js';
import { dealButton } from './deals.js';
import { backBar, firstHub, goods, hubPicker, opener, person, refill, sums, table } from './parts.js';
import { openScope } from './scope.js';
import { creditsProblem } from './rules.js';
import { until } from './ticking.js';
import { wallet } from './known.js';

export default {
  key: 'auctions', title: 'Auctions', group: 'economy', shortcut: '3',
  mount(root, game, params = {}) {
    const scope = openScope(game, root);
    const body = h('div', { class: 'stack' });
    let part = null;
    const picker = hubPicker(game, scope, firstHub(game, params.hub), () => open());
    fill(root, picker.element, body);

    function open({ auction = null, create = null } = {}) {
      part?.close();
      part = scope.part();
      fill(body);
      const cx = { game, scope: part, hub: picker.hub, open };
      if (create !== null) createView(body, cx, create === true ? undefined : create);
      else if (auction !== null) auctionView(body, cx, auction);
      else listView(body, cx);
    }
    open(params);
    return scope.close;
  },
};

// The auctions of the hub, kept up to date: `show(auctions)` at once and after each change.
function watchAuctions({ game, scope, hub }, show, fail) {
  let auctions = null;
  // What has ended is not in the hub's list, but may be in an answer that was under way.
  const ended = new Set();
  const question = asking(scope, {
    ask: () => allPages(game, 'auctions', hub),
    show(items) {
      auctions = items.filter(({ auction }) => !ended.has(auction));
      show(auctions);
    },
    fail,
  });
  scope.follow({ auctions: hub }, (message) => {
    if (message.over) ended.add(message.auction);
    if (auctions === null) return;
    // What is told at once is shown at once; the rest, who leads and the next bid, is asked for.
    auctions = message.over ? auctions.filter(({ auction }) => auction !== message.auction)
      : auctions.map((entry) => (entry.auction === message.auction ? { ...entry, bid: message.bid, ends_ms: message.ends_ms } : entry));
    show(auctions);
    if (!message.over) question.soon();
  });
  scope.on('welcome', question.now);
  question.now();
  return question;
}

const remembered = { show: 'all' };

function listView(root, cx) {
  const { game, scope, hub, open } = cx;
  const result = h('div', {}, loading());
  let auctions = null;
  const filter = select([['all', 'All auctions'], ['mine', 'My auctions'], ['leading', 'Where I lead'], ['affordable', 'What I can afford']], remembered.show, { on: { change: () => { remembered.show = filter.value; draw(); } } });
  fill(root, h('div', { class: 'filters' }, field('Show', filter), button('Sell by auction', () => open({ create: true }), { class: 'button--primary' })), result);
  watchAuctions(cx, (next) => { auctions = next; draw(); }, (error, retry) => fill(result, failure(game.explain(error), retry)));
  scope.watch((_, changed) => { if (remembered.show === 'affordable' && changed.has('status')) draw(); });

  function draw() {
    if (auctions === null) return;
    const player = game.client.player;
    const keep = { all: () => true, mine: ({ owner }) => owner === player, leading: ({ bidder }) => bidder === player, affordable: ({ minimum, owner }) => owner !== player && minimum <= wallet(game) }[remembered.show];
    const shown = auctions.filter(keep).sort((a, b) => a.ends_ms - b.ends_ms);
    refill(result, shown.length === 0 ? empty(auctions.length === 0 ? `Nothing is auctioned at ${game.name('hub', hub)} now.` : 'None of these. Choose another list.')
      : table(`Auctions at ${game.name('hub', hub)}, those that end first on top`, ['Goods', { label: 'Bid', number: true }, { label: 'Buy out', number: true }, { label: 'Ends in', number: true }], shown.map(row)));
  }
  const row = (entry) => [
    [opener(goods(game, entry.item, entry.quantity), () => open({ auction: entry.auction }), `auction-${entry.auction}`), ' ', mark(game, entry)],
    entry.bid === null ? h('span', { class: 'muted' }, `from ${number(entry.minimum)}`) : number(entry.bid), number(entry.buy_out), until(entry.ends_ms, scope.now()),
  ];
}

function mark(game, { owner, bidder }) {
  if (owner === game.client.player) return badge('yours', 'good');
  return bidder === game.client.player && badge('you lead', 'good');
}

function auctionView(root, cx, id) {
  const { game, scope, hub, open } = cx;
  const title = h('h3', { tabindex: '-1' }, `Auction ${id}`);
  const about = h('div', { class: 'stack' }, loading());
  const act = h('div', { class: 'forms' });
  fill(root, h('div', { class: 'back' }, button('‹ Back', () => open(), { class: 'button--small', 'aria-label': 'Back to all auctions' }), title), about, act);
  title.focus({ preventScroll: true });
  let [entry, form, over] = [null, null, false];

  watchAuctions(cx, (auctions) => {
    const found = auctions.find(({ auction }) => auction === id);
    if (found) {
      entry = found;
      draw();
    } else {
      if (!over) refill(about, empty(entry === null ? 'There is no such auction any more.' : 'This auction is over. Your notifications tell how it ended.'));
      fill(act);
      [over, form] = [true, null];
    }
  }, (error, retry) => fill(about, failure(game.explain(error), retry)));
  scope.watch((_, changed) => { if (entry && !over && changed.has('status')) draw(); });

  function draw() {
    fill(title, goods(game, entry.item, entry.quantity));
    const mine = entry.owner === game.client.player;
    const leading = entry.bidder === game.client.player;
    refill(about, sums([
      ['Ends in', [until(entry.ends_ms, scope.now()), leading && [' ', badge('you lead', 'good')]]],
      ['Highest bid', entry.bid === null ? 'nobody has bid' : [credits(entry.bid), ' by ', person(game, entry.bidder)]],
      ['Next bid at least', credits(entry.minimum)], ['Buy out', entry.buy_out === null ? 'not possible' : credits(entry.buy_out)],
      ['Sold by', person(game, entry.owner)],
    ]));
    if (mine) {
      const problem = entry.bid === null ? null : 'Somebody has bid: it cannot be taken back.';
      const back = dealButton(game, {
        label: 'Take the auction back', deal: ['cancel_auction', { hub, auction: id }], problem, class: 'button--danger', key: 'cancel',
        done() {
          game.toast('Auction taken back. The goods are in your storage there.', { level: 'good' });
          open();
        },
      });
      refill(act, h('p', { class: 'actions' }, back), problem && h('p', { class: 'reason' }, problem));
      return;
    }
    if (!form) {
      form = bidForm(game, scope, { hub, now: () => entry, done: (answer) => { if (answer.won) open(); } });
      fill(act, form.element, form.buyOut);
    }
    form.update();
    fill(form.buyOut, entry.buy_out !== null && buyOut(entry));
  }

  function buyOut({ buy_out: price }) {
    const problem = creditsProblem(price, wallet(game));
    const button = dealButton(game, {
      label: `Buy out for ${credits(price)}`, deal: ['bid', { hub, auction: id, amount: price }], problem, class: '', key: 'buy-out',
      ask: { title: 'Buy it out?', text: `You win at once and pay ${credits(price)}. The goods come into your storage at ${game.name('hub', hub)}.`, yes: 'Buy out' },
      done(answer) {
        game.toast(answer.won ? 'You have won it.' : 'Your bid leads.', { level: 'good' });
        open();
      },
    });
    return [button, problem && h('p', { class: 'reason' }, problem)];
  }
}

function createView(root, { game, scope, hub, open }, item) {
  const bar = backBar('Sell by auction', () => open(), 'Back to all auctions');
  fill(root, bar, auctionForm(game, scope, { hub, item, done: (answer) => open({ auction: answer.auction }) }));
  bar.querySelector('h3').focus({ preventScroll: true });
}
