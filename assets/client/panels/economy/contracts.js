// Contracts of a hub: who brings the goods in time gets the reward. Offers to accept, own ones, and those that one has accepted and delivers to.

import { badge, button, empty, failure, fill, h, loading, meter, tabs } from '../../ui/dom.js';
import { credits, number } from '../../ui/format.js';
import { allPages, asking } from './asking.js';
import { contractForm, deliverForm } from './contract_forms.js';
import { dealButton } from './deals.js';
import { wallet } from './known.js';
import { backBar, firstHub, goods, hubPicker, opener, person, refill, sums, table } from './parts.js';
import { creditsProblem } from './rules.js';
import { openScope } from './scope.js';
import { until } from './ticking.js';

/** Contracts have no topic to follow: besides what one does and is told oneself, the list is looked at again this often. */
const AGAIN_MS = 30_000;
const NOTICES = ['contract_accepted', 'contract_fulfilled', 'contract_expired'];

export default {
  key: 'contracts', title: 'Contracts', group: 'economy', shortcut: '4',
  mount(root, game, params = {}) {
    const scope = openScope(game, root);
    const body = h('div', { class: 'stack' });
    let part = null;
    const picker = hubPicker(game, scope, firstHub(game, params.hub), () => open());
    fill(root, picker.element, body);

    function open({ contract = null, create = null } = {}) {
      part?.close();
      part = scope.part();
      fill(body);
      const cx = { game, scope: part, hub: picker.hub, open };
      if (create !== null) createView(body, cx, create === true ? undefined : create);
      else if (contract !== null) contractView(body, cx, contract);
      else listView(body, cx);
    }
    open(params);
    return scope.close;
  },
};

function watchContracts({ game, scope, hub }, show, fail) {
  const question = asking(scope, {
    ask: () => allPages(game, 'contracts', hub),
    show, fail,
  });
  scope.on('notification', ({ notice }) => {
    const [kind, body] = Object.entries(notice)[0];
    if (NOTICES.includes(kind) && body.hub === hub) question.soon();
  });
  scope.on('welcome', question.now);
  const timer = setInterval(() => { if (!document.hidden) question.soon(); }, AGAIN_MS);
  scope.add(() => clearInterval(timer));
  question.now();
  return question;
}

const LISTS = [['open', 'To accept'], ['accepted', 'Accepted'], ['mine', 'Mine']];
let remembered = 'open';

function listView(root, cx) {
  const { game, hub, open } = cx;
  const player = game.client.player;
  let contracts = null;
  const bar = tabs('Contracts', LISTS, remembered, (key) => { remembered = key; draw(); });
  fill(root, h('p', { class: 'actions' }, button('Offer a contract', () => open({ create: true }), { class: 'button--primary' }), button('Look again', () => question.now())), bar.element, bar.body);
  fill(bar.body, loading());
  const question = watchContracts(cx, (items) => { contracts = items; draw(); }, (error, retry) => fill(bar.body, failure(game.explain(error), retry)));

  const lists = {
    open: ({ owner, courier }) => courier === null && owner !== player,
    accepted: ({ courier }) => courier === player,
    mine: ({ owner }) => owner === player,
  };
  function draw() {
    if (contracts === null) return;
    for (const [key, label] of LISTS) bar.label(key, `${label} (${contracts.filter(lists[key]).length})`);
    const shown = contracts.filter(lists[remembered]).sort((a, b) => a.due_ms - b.due_ms);
    refill(bar.body, shown.length === 0 ? empty(none(remembered, game.name('hub', hub)))
      : table(`Contracts at ${game.name('hub', hub)}`, ['Goods to bring', { label: 'Reward', number: true }, { label: 'Collateral', number: true }, { label: 'Due in', number: true }], shown.map(row)));
  }
  const row = (entry) => [
    [opener(goods(game, entry.item, entry.quantity), () => open({ contract: entry.contract }), `contract-${entry.contract}`), ' ',
      entry.owner === null && badge('hub'), entry.delivered > 0 && h('span', { class: 'muted' }, ` ${number(entry.delivered)} delivered`), entry.owner === player && entry.courier !== null && badge('accepted', 'good')],
    number(entry.reward), number(entry.collateral), until(entry.due_ms, cx.scope.now()),
  ];
}

const none = (list, hub) => ({ open: `Nobody offers a contract at ${hub} now.`, accepted: `You have accepted none at ${hub}.`, mine: `You offer none at ${hub}.` }[list]);

function contractView(root, cx, id) {
  const { game, scope, hub, open } = cx;
  const title = h('h3', { tabindex: '-1' }, `Contract ${id}`);
  const about = h('div', { class: 'stack' }, loading());
  const act = h('div', { class: 'forms' });
  fill(root, h('div', { class: 'back' }, button('‹ Back', () => open(), { class: 'button--small', 'aria-label': 'Back to all contracts' }), title), about, act);
  title.focus({ preventScroll: true });
  let [entry, form, over] = [null, null, false];

  const question = watchContracts(cx, (contracts) => {
    const found = contracts.find(({ contract }) => contract === id);
    if (found) {
      entry = found;
      draw();
      return;
    }
    if (!over) refill(about, empty(entry === null ? 'There is no such contract any more.' : 'This contract is over.'));
    fill(act);
    [over, form] = [true, null];
  }, (error, retry) => fill(about, failure(game.explain(error), retry)));
  scope.watch((_, changed) => { if (entry && !over && (changed.has('status') || changed.has('hub'))) draw(); });

  function draw() {
    const { item, quantity, delivered, reward, collateral, owner, courier } = entry;
    fill(title, `Bring ${goods(game, item, quantity)}`);
    refill(about, sums([
      ['To', game.name('hub', hub)], ['Reward', credits(reward)], ['Collateral', credits(collateral)], ['Due in', until(entry.due_ms, scope.now())],
      ['Offered by', person(game, owner)], ['Accepted by', person(game, courier, 'nobody yet')],
    ]), delivered > 0 && [h('p', {}, `${number(delivered)} of ${number(quantity)} delivered.`), meter(delivered, quantity, `${number(delivered)} of ${number(quantity)} delivered`)]);
    if (courier === game.client.player) return deliver();
    form = null;
    if (owner === game.client.player) return refill(act, takeBack(courier));
    return refill(act, courier === null ? accept(collateral) : h('p', { class: 'reason' }, 'Somebody else has accepted it.'));
  }

  function deliver() {
    if (!form) {
      form = deliverForm(game, scope, { hub, now: () => entry, done: (answer) => (answer.paid > 0 ? open() : question.now()) });
      fill(act, form.element);
    }
    form.update();
  }

  function accept(collateral) {
    const problem = creditsProblem(collateral, wallet(game));
    const stake = collateral > 0
      ? `You put ${credits(collateral)} at stake. It comes back with the reward; if you do not deliver everything in time, you keep only the share of both that you delivered.`
      : 'Nothing is at stake. If you do not deliver everything in time, you get the share of the reward that you delivered.';
    const button = dealButton(game, {
      label: 'Accept the contract', deal: ['accept_contract', { hub, contract: id, collateral }], problem, class: 'button--primary', key: 'accept',
      done() {
        game.toast('The contract is yours. Bring the goods in time.', { level: 'good' });
        question.now();
      },
    });
    return [h('p', {}, stake), h('p', { class: 'actions' }, button), problem && h('p', { class: 'reason' }, problem)];
  }

  function takeBack(courier) {
    const problem = courier === null ? null : 'Somebody has accepted it: it cannot be taken back.';
    const back = dealButton(game, {
      label: 'Take the contract back', deal: ['cancel_contract', { hub, contract: id }], problem, class: 'button--danger', key: 'cancel',
      done(answer) {
        game.toast(`Contract taken back: ${credits(answer.credits)} are in your wallet.`, { level: 'good' });
        open();
      },
    });
    return [h('p', { class: 'actions' }, back), problem && h('p', { class: 'reason' }, problem)];
  }
}

function createView(root, { game, scope, hub, open }, item) {
  const bar = backBar('Offer a contract', () => open(), 'Back to all contracts');
  fill(root, bar, contractForm(game, scope, { hub, item, done: (answer) => open({ contract: answer.contract }) }));
  bar.querySelector('h3').focus({ preventScroll: true });
}
