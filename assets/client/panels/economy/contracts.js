// Contracts of a hub: who brings the goods in time gets the reward. Offers to accept, own ones, and those that one has accepted and delivers to.

import { badge, button, empty, failure, fill, h, loading, meter, tabs } from '../../ui/dom.js';
import { credits, number } from '../../ui/format.js';
import { sourceButtons } from '../sources.js';
import { allPages, asking } from './asking.js';
import { newEntry, offersPanel, openEntry } from './at_hub.js';
import { contractForm, deliverForm } from './contract_forms.js';
import { dealButton } from './deals.js';
import { wallet } from './known.js';
import { goods, opener, person, refill, sums, table } from './parts.js';
import { creditsProblem } from './rules.js';
import { until } from './ticking.js';

/** Contracts have no topic to follow: besides what one does and is told oneself, the list is looked at again this often. */
const AGAIN_MS = 30_000;
const NOTICES = ['contract_accepted', 'contract_fulfilled', 'contract_expired'];

export default offersPanel({ key: 'contracts', title: 'Contracts', shortcut: '4', entry: 'contract', list: listView, one: contractView, form: createView });

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
  let [entry, form] = [null, null];
  const question = openEntry(root, cx, { id, entry: 'contract', all: 'contracts', watch: watchContracts, changes: ['status', 'hub'], draw, gone: () => { form = null; } });

  function draw({ title, about, act }, found) {
    entry = found;
    const { item, quantity, delivered, reward, collateral, owner, courier } = entry;
    fill(title, `Bring ${goods(game, item, quantity)}`);
    refill(about, sums([
      ['To', game.name('hub', hub)], ['Reward', credits(reward)], ['Collateral', credits(collateral)], ['Due in', until(entry.due_ms, scope.now())],
      ['Offered by', person(game, owner)], ['Accepted by', person(game, courier, 'nobody yet')],
    ]), delivered > 0 && [h('p', {}, `${number(delivered)} of ${number(quantity)} delivered.`), meter(delivered, quantity, `${number(delivered)} of ${number(quantity)} delivered`)],
    owner !== game.client.player && h('div', { class: 'actions' }, h('span', { class: 'muted' }, 'Where to get it'), sourceButtons(game, item)));
    if (courier === game.client.player) return deliver(act);
    form = null;
    if (owner === game.client.player) return refill(act, takeBack(courier));
    return refill(act, courier === null ? accept(collateral) : h('p', { class: 'reason' }, 'Somebody else has accepted it.'));
  }

  function deliver(act) {
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

function createView(root, cx, item) {
  const { game, scope, hub, open } = cx;
  newEntry(root, cx, { title: 'Offer a contract', all: 'contracts', form: contractForm(game, scope, { hub, item, done: (answer) => open({ contract: answer.contract }) }) });
}
