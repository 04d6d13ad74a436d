// Auctions of a hub: what runs with its count-down, bidding, buying out, selling by auction, taking back what nobody has bid for.

import { badge, button, empty, failure, field, fill, h, loading, select } from '../../ui/dom.js';
import { credits, number } from '../../ui/format.js';
import { allPages, asking } from './asking.js';
import { newEntry, offersPanel, openEntry } from './at_hub.js';
import { auctionForm, bidForm } from './auction_forms.js';
import { dealButton } from './deals.js';
import { goods, opener, person, refill, sums, table } from './parts.js';
import { creditsProblem } from './rules.js';
import { until } from './ticking.js';
import { wallet } from './known.js';

export default offersPanel({ key: 'auctions', title: 'Auctions', shortcut: '3', entry: 'auction', list: listView, one: auctionView, form: createView });

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
  let [entry, form] = [null, null];
  openEntry(root, cx, { id, entry: 'auction', all: 'auctions', watch: watchAuctions, changes: ['status'], draw, gone: () => { form = null; } });

  function draw({ title, about, act }, found) {
    entry = found;
    fill(title, goods(game, entry.item, entry.quantity));
    const leading = entry.bidder === game.client.player;
    refill(about, sums([
      ['Ends in', [until(entry.ends_ms, scope.now()), leading && [' ', badge('you lead', 'good')]]],
      ['Highest bid', entry.bid === null ? 'nobody has bid' : [credits(entry.bid), ' by ', person(game, entry.bidder)]],
      ['Next bid at least', credits(entry.minimum)], ['Buy out', entry.buy_out === null ? 'not possible' : credits(entry.buy_out)],
      ['Sold by', person(game, entry.owner)],
    ]));
    if (entry.owner === game.client.player) {
      refill(act, takeBack());
      return;
    }
    if (!form) {
      form = bidForm(game, scope, { hub, now: () => entry, done: (answer) => { if (answer.won) open(); } });
      fill(act, form.element, form.buyOut);
    }
    form.update();
    fill(form.buyOut, entry.buy_out !== null && buyOut(entry));
  }

  function takeBack() {
    const problem = entry.bid === null ? null : 'Somebody has bid: it cannot be taken back.';
    const back = dealButton(game, {
      label: 'Take the auction back', deal: ['cancel_auction', { hub, auction: id }], problem, class: 'button--danger', key: 'cancel',
      done() {
        game.toast('Auction taken back. The goods are in your storage there.', { level: 'good' });
        open();
      },
    });
    return [h('p', { class: 'actions' }, back), problem && h('p', { class: 'reason' }, problem)];
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

function createView(root, cx, item) {
  const { game, scope, hub, open } = cx;
  newEntry(root, cx, { title: 'Sell by auction', all: 'auctions', form: auctionForm(game, scope, { hub, item, done: (answer) => open({ auction: answer.auction }) }) });
}
