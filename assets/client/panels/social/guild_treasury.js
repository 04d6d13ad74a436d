// The guild's treasury: pay in, take out, and how much each role may take out a day.

import { field, h, section } from '../../ui/dom.js';
import { credits } from '../../ui/format.js';
import { amountProblem, wholeNumber } from '../economy/rules.js';
import { isUnderWay, showBusy } from './under_way.js';

export function treasurySection(game, answer, role, act) {
  const limit = { member: answer.member_limit, officer: answer.officer_limit }[role];
  return section('Treasury',
    h('p', { class: 'guild__treasury' }, credits(answer.treasury)),
    amountForm(game, 'guild_deposit', 'Pay in', `You have ${credits(game.state.status?.credits)}.`, act, (amount) => `Paid ${credits(amount)} in.`),
    amountForm(game, 'guild_withdraw', 'Take out', limit === undefined ? 'You may take out as much as there is.' : `At most ${credits(limit)} a day.`, act, (amount) => `Took ${credits(amount)} out.`),
    role === 'leader' ? limits(game, answer, act)
      : h('p', { class: 'muted small' }, `A day, members may take out ${credits(answer.member_limit)}, officers ${credits(answer.officer_limit)}.`));
}

function amountForm(game, type, label, help, act, done) {
  const input = h('input', { type: 'number', name: type, min: 1, step: 1, inputmode: 'numeric', required: true });
  const submit = h('button', { type: 'submit', class: 'button' }, label);
  showBusy(submit, isUnderWay(game, type));
  const form = h('form', { class: 'row row--end', novalidate: true }, field(`${label}, credits`, input, help), submit);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isUnderWay(game, type)) return;
    const amount = wholeNumber(input.value);
    if (isWrong(game, amount)) return;
    const deal = act(type, { credits: amount }, () => done(amount));
    showBusy(submit, true);
    // The guild may have been drawn anew meanwhile, with what was typed: the field of now is emptied, and only when it is done.
    if (await deal) document.getElementsByName(type).forEach((now) => { now.value = ''; });
    showBusy(submit, false);
  });
  return form;
}

function limits(game, answer, act) {
  const one = (role, label, value) => {
    const input = h('input', { type: 'number', min: 0, step: 1, inputmode: 'numeric', required: true, value });
    const form = h('form', { class: 'row row--end', novalidate: true }, field(`${label} may take out a day`, input), h('button', { type: 'submit', class: 'button', 'aria-label': `Set the limit of ${label.toLowerCase()}` }, 'Set'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const amount = wholeNumber(input.value);
      if (!isWrong(game, amount, { least: 0 })) act('set_limit', { role, credits: amount }, `${label} may take out ${credits(amount)} a day.`);
    });
    return form;
  };
  return h('details', { class: 'details' }, h('summary', {}, 'Limits'), one('member', 'Members', answer.member_limit), one('officer', 'Officers', answer.officer_limit));
}

/** Says why an amount cannot be sent, if it cannot. */
function isWrong(game, amount, bounds) {
  const problem = amountProblem(amount, bounds);
  if (problem) game.toast(`How many credits? ${problem}`, { level: 'warn' });
  return problem !== null;
}
