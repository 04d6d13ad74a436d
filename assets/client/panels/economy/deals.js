// Forms and buttons that send an economic command: they say beforehand why it would be refused, wait until it is decided and stored, and keep what
// was typed when it is refused.
//
//   dealForm(game, scope, {name, controls, plan, ask, done}) → {element, update}
//     plan() → {problem: text | null, deal: [type, body], label, facts: [[name, value], …]}   asked again on every input and change of the player's state;
//                                                                                             where only the ship is not at deal's hub, there is a button that sends it
//     ask() → {title, text, yes}                                                              a question before it is sent
//     done(answer)                                                                            after it is stored
//   dealButton(game, {label, name, deal, problem, ask, done, class})                         the same for a command without a form
//
// A button that cannot be used stays in reach of the keyboard and says why: `aria-disabled`, not `disabled`.

import { fill, h, newId } from '../../ui/dom.js';
import { flyButton } from '../../ui/way.js';
import { awayProblem } from './known.js';
import { refill, sumRows } from './parts.js';

/** For each client: a deal under way → a promise that it will be decided. */
const underWay = new WeakMap();

const pendingOf = (game) => {
  if (!underWay.has(game.client)) underWay.set(game.client, new Map());
  return underWay.get(game.client);
};
const keyOf = ([type, body]) => JSON.stringify([type, body]);

/** Sends a deal once: the same one is not sent again while it is under way. Resolves with `{answer}` or `{refusal}`; null when it is under way. */
async function send(game, deal) {
  const pending = pendingOf(game);
  const key = keyOf(deal);
  if (pending.has(key)) return null;
  let decide;
  pending.set(key, new Promise((resolve) => { decide = resolve; }));
  try {
    return { answer: await game.act(...deal) };
  } catch (refusal) {
    if (!refusal.told) throw refusal;
    return { refusal };
  } finally {
    pending.delete(key);
    decide();
  }
}

export function dealForm(game, scope, { name, controls, plan, ask, done }) {
  const facts = h('dl', { class: 'sums' });
  const reason = h('p', { class: 'reason', id: newId('reason'), role: 'status' });
  const submit = h('button', { type: 'submit', class: 'button button--primary', 'aria-describedby': reason.id });
  const way = h('div', { class: 'actions' });
  const element = h('form', { class: 'deal', novalidate: true, 'aria-label': name }, controls, facts, h('div', { class: 'deal__foot' }, submit, reason, way));
  let [waiting, refused, wayTo] = [false, null, null];

  function update() {
    const { problem, label, deal, facts: lines = [] } = plan();
    fill(facts, sumRows(lines));
    const off = waiting || problem !== null;
    submit.setAttribute('aria-disabled', String(off));
    submit.setAttribute('aria-busy', String(waiting));
    submit.textContent = waiting ? 'Under way…' : label;
    const text = waiting ? 'Waiting until the server has stored it.' : problem ?? refused ?? '';
    if (reason.textContent !== text) reason.textContent = text;
    const hub = deal?.[1].hub;
    const to = hub && problem === awayProblem(game, hub) ? hub : null;
    if (problem === null || to !== wayTo) refill(way, to && problem !== null && flyButton(game, to));
    wayTo = problem === null ? null : to;
    reason.classList.toggle('error', !waiting && problem === null && refused !== null);
  }

  async function go(event) {
    event.preventDefault();
    const { problem, deal } = plan();
    if (waiting || problem !== null) {
      if (problem !== null) element.querySelector('input, select')?.focus();
      return;
    }
    if (ask && !(await game.confirm(ask()))) return;
    [waiting, refused] = [true, null];
    update();
    const result = await send(game, deal);
    waiting = false;
    if (!scope.alive) return;
    if (result?.refusal) refused = game.explain(result.refusal);
    else if (result) done?.(result.answer);
    update();
  }

  element.addEventListener('submit', go);
  element.addEventListener('input', () => { refused = null; update(); });
  scope.watch(update);
  return { element, update };
}

export function dealButton(game, { label, name, deal, problem = null, ask = null, done, class: look = 'button--small', key }) {
  // Perhaps this button takes the place of the one that was pressed.
  const decided = pendingOf(game).get(keyOf(deal));
  const busy = decided !== undefined;
  const node = h('button', {
    type: 'button', class: `button ${look}`, 'aria-label': name, 'data-key': key ?? `${deal[0]}-${name ?? label}`,
    'aria-disabled': String(problem !== null || busy), 'aria-busy': String(busy), title: problem ?? undefined, 'aria-description': problem ?? undefined,
    on: { click },
  }, busy ? '…' : label);

  function free() {
    node.setAttribute('aria-disabled', String(problem !== null));
    node.setAttribute('aria-busy', 'false');
    node.textContent = label;
  }
  decided?.then(free);

  async function click() {
    if (problem !== null) { game.toast(problem, { level: 'warn' }); return; }
    if (node.getAttribute('aria-disabled') === 'true') return;
    if (ask && !(await game.confirm(ask))) return;
    node.setAttribute('aria-disabled', 'true');
    node.setAttribute('aria-busy', 'true');
    node.textContent = '…';
    const result = await send(game, deal);
    free();
    if (result?.answer) done?.(result.answer);
  }
  return node;
}
