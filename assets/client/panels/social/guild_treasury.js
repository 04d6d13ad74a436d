// The guild's treasury: pay in, take out, and how much each role may take out a day.

import { button, field, h, section } from '../../ui/dom.js';
import { credits } from '../../ui/format.js';

export function treasurySection(game, answer, role, act) {
  const limit = { member: answer.member_limit, officer: answer.officer_limit }[role];
  return section('Treasury',
    h('p', { class: 'guild__treasury' }, credits(answer.treasury)),
    amountForm(game, 'guild_deposit', 'Pay in', `You have ${credits(game.state.status?.credits)}.`, act, (amount) => `Paid ${credits(amount)} in.`),
    amountForm(game, 'guild_withdraw', 'Take out', limit === undefined ? 'You may take out as much as there is.' : `At most ${credits(limit)} a day.`, act, (amount) => `Took ${credits(amount)} out.`),
    role === 'leader' ? limits(answer, act)
      : h('p', { class: 'muted small' }, `A day, members may take out ${credits(answer.member_limit)}, officers ${credits(answer.officer_limit)}.`));
}

function amountForm(game, type, label, help, act, done) {
  const input = h('input', { type: 'number', name: type, min: 1, step: 1, inputmode: 'numeric', required: true });
  const form = h('form', { class: 'row row--end' }, field(`${label}, credits`, input, help), h('button', { type: 'submit', class: 'button' }, label));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const amount = Number(input.value);
    input.value = '';
    act(type, { credits: amount }, () => done(amount));
  });
  return form;
}

function limits(answer, act) {
  const one = (role, label, value) => {
    const input = h('input', { type: 'number', min: 0, step: 1, inputmode: 'numeric', required: true, value });
    const form = h('form', { class: 'row row--end' }, field(`${label} may take out a day`, input), h('button', { type: 'submit', class: 'button', 'aria-label': `Set the limit of ${label.toLowerCase()}` }, 'Set'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      act('set_limit', { role, credits: Number(input.value) }, `${label} may take out ${credits(Number(input.value))} a day.`);
    });
    return form;
  };
  return h('details', { class: 'details' }, h('summary', {}, 'Limits'), one('member', 'Members', answer.member_limit), one('officer', 'Officers', answer.officer_limit));
}
