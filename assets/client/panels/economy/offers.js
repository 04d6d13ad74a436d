// Everything of the player's that is under way at any hub: orders, auctions, bids that lead, contracts offered and accepted; with what is set aside.

import { badge, button, empty, fill, h, loading, section } from '../../ui/dom.js';
import { count, credits, number } from '../../ui/format.js';
import { cancelOrder } from './item_market.js';
import { dealButton } from './deals.js';
import { allHubs } from './known.js';
import { goods, opener, refill, table } from './parts.js';
import { openScope } from './scope.js';
import { until } from './ticking.js';

export default {
  key: 'offers', title: 'My offers', group: 'economy', shortcut: '7',
  mount(root, game, params = {}) {
    const scope = openScope(game, root);
    const body = h('div', { class: 'stack' }, loading('Asking every hub…'));
    const offers = new Map();
    const failed = new Set();
    const hubs = allHubs(game.catalog).map(({ hub }) => hub.key).sort((a, b) => Number(b === params.hub) - Number(a === params.hub));
    fill(root, h('p', { class: 'actions' }, button('Look again', askAll)), body);

    // One hub after the other: there are many, and questions are counted. What has not changed is not drawn anew under somebody's finger.
    let turns = 0;
    let drawn = '';
    async function askAll() {
      const turn = ++turns;
      failed.clear();
      for (const hub of hubs) {
        if (!scope.alive || turn !== turns) return;
        await ask(hub);
      }
      draw(true);
    }
    async function ask(hub) {
      try {
        const answer = await game.client.command('my_offers', { hub });
        if (answer.orders.length + answer.auctions.length + answer.contracts.length > 0) offers.set(hub, answer);
        else offers.delete(hub);
        failed.delete(hub);
      } catch (error) {
        if (!error.code) throw error;
        failed.add(hub);
      }
      draw(offers.size > 0);
    }
    function draw(sure) {
      const now = JSON.stringify([[...offers], [...failed]]);
      if (!scope.alive || !sure && drawn === '' || now === drawn) return;
      drawn = now;
      const shown = hubs.filter((hub) => offers.has(hub));
      refill(body, failed.size > 0 && h('p', { class: 'error' }, `${count(failed.size, 'hub')} did not answer. Look again in a moment.`),
        shown.length === 0 ? empty('You offer nothing and bid for nothing anywhere.') : shown.map((hub) => atHub(game, scope, hub, offers.get(hub), ask)));
    }

    scope.on('notification', ({ notice }) => {
      const body = Object.values(notice)[0] ?? {};
      if (body.hub && ['order', 'auction', 'contract'].some((key) => key in body)) ask(body.hub);
    });
    scope.add(game.acted((type, answer, sent) => { if (sent?.hub && ('order' in answer || 'auction' in answer || 'contract' in answer)) ask(sent.hub); }));
    scope.on('welcome', askAll);
    askAll();
    return scope.close;
  },
};

function atHub(game, scope, hub, { orders, auctions, contracts }, again) {
  const now = scope.now();
  const me = game.client.player;
  const aside = setAside(game, { orders, auctions, contracts });
  const order = (entry) => [
    [opener(game.name('item', entry.item), () => game.open('market', { hub, item: entry.item }), `order-${hub}-${entry.order}`), ' ', badge(entry.side === 'sell' ? 'sell' : 'buy')],
    number(entry.price), number(entry.open), until(entry.expires_ms, now), cancelOrder(game, hub, entry, () => again(hub)),
  ];
  const auction = (entry) => [
    [see(game, 'auction', hub, entry), ' ', badge(entry.owner === me ? 'yours' : 'you lead', 'good')],
    entry.bid === null ? h('span', { class: 'muted' }, 'none') : number(entry.bid), until(entry.ends_ms, now),
    entry.owner === me && entry.bid === null && takeBack(game, hub, 'auction', entry, again),
  ];
  const contract = (entry) => [
    [see(game, 'contract', hub, entry), ' ', badge(entry.owner === me ? 'yours' : 'accepted', 'good'), entry.delivered > 0 && h('span', { class: 'muted' }, ` ${number(entry.delivered)} delivered`)],
    number(entry.reward), until(entry.due_ms, now), entry.owner === me && entry.courier === null && takeBack(game, hub, 'contract', entry, again),
  ];
  const part = (title, heads, rows) => rows.length > 0 && table(title, heads, rows, { showCaption: true });
  return section(game.name('hub', hub), aside > 0 && h('p', { class: 'muted' }, `${credits(aside)} are set aside here.`),
    part('Orders', ['Goods', column('Price'), column('Pieces'), column('Ends in'), { label: 'Cancel', hidden: true }], orders.map(order)),
    part('Auctions', ['Goods', column('Bid'), column('Ends in'), { label: 'Take back', hidden: true }], auctions.map(auction)),
    part('Contracts', ['Goods', column('Reward'), column('Due in'), { label: 'Take back', hidden: true }], contracts.map(contract)));
}

const column = (label) => ({ label, number: true });

/** An auction or a contract, which opens in its own panel. */
function see(game, kind, hub, entry) {
  return opener(goods(game, entry.item, entry.quantity), () => game.open(`${kind}s`, { hub, [kind]: entry[kind] }), `${kind}-${hub}-${entry[kind]}`);
}

function setAside({ client: { player } }, { orders, auctions, contracts }) {
  const all = [
    ...orders.filter(({ side }) => side === 'buy').map(({ open, price }) => open * price),
    ...auctions.filter(({ bidder }) => bidder === player).map(({ bid }) => bid),
    ...contracts.map(({ owner, courier, reward, collateral }) => (owner === player ? reward : 0) + (courier === player ? collateral : 0)),
  ];
  return all.reduce((total, credit) => total + credit, 0);
}

// What somebody has bid for or accepted cannot be taken back, and has no such button.
function takeBack(game, hub, kind, entry, again) {
  return dealButton(game, {
    label: 'Take back', name: `Take back the ${kind} of ${goods(game, entry.item, entry.quantity)}`, deal: [`cancel_${kind}`, { hub, [kind]: entry[kind] }],
    key: `take-back-${kind}-${hub}-${entry[kind]}`,
    done() {
      game.toast(kind === 'auction' ? 'Auction taken back. The goods are in your storage there.' : 'Contract taken back. The reward is in your wallet.', { level: 'good' });
      again(hub);
    },
  });
}
