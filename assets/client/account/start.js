// The start screen: play as a guest, log in, sign up; and while the connection is being made, what it waits for.
//
//   showStart(root, {session, notice, enter, cancel, token}) → {connecting(state), idle(text), go(how), close()}
//     enter({token} | {guest: {name}}) begins the game and is awaited; what it throws stands on the screen; cancel() stops waiting for room

import { confirmDialog } from '../ui/dialog.js';
import { button, fill, field, h, tabs } from '../ui/dom.js';
import { waitingWords } from '../ui/connection.js';
import { ticking } from '../ui/format.js';
import { explain } from '../ui/refusals.js';
import { orreryPicture } from '../ui/picture.js';
import { credentialsForm, nameFault, nameField } from './forms.js';

export function showStart(root, { session, notice, enter, cancel, token }) {
  const status = h('p', { class: 'start__status', role: 'status', hidden: !notice }, notice);
  const wait = h('div', { class: 'start__wait', hidden: true });
  const forms = h('div', { class: 'start__forms' });
  const parts = { guest: guestForm, login: () => account('Log in', false, session.login), register: () => account('Create account', true, session.register) };
  const choice = tabs('How to play', [['guest', 'Play as guest'], ['login', 'Log in'], ['register', 'Sign up']], notice ? 'login' : 'guest', (key) => fill(choice.body, parts[key]()));
  const goOn = h('div', {});
  forms.append(goOn, choice.element, choice.body);
  offerAccount();
  let stopTicking = () => {};

  fill(root, h('main', { class: 'start' }, orreryPicture(),
    h('div', { class: 'start__card' },
      h('h1', { class: 'start__title' }, 'Orrery'),
      h('p', { class: 'start__lead' }, 'A living galaxy. Fly, gather, trade, build; everything you see is somebody’s.'),
      status, forms, wait)));

  /** Who left without logging out, or could not come in, has the account still here. */
  function offerAccount() {
    const { account } = session;
    fill(goOn, account && button(`Continue as ${account.name}`, () => go({ token }), { class: 'button--primary button--wide start__continue' }));
  }

  function account(label, isNew, send) {
    return credentialsForm({
      label, isNew,
      send: async (name, password) => {
        if (!(await mayForget())) return;
        await send(name, password);
        await go({ token });
      },
    });
  }

  function guestForm() {
    const input = nameField({ required: false, autocomplete: 'nickname' });
    const fault = h('p', { class: 'error', role: 'alert', hidden: true });
    const form = h('form', { class: 'form', novalidate: true },
      field('Name', input, 'Optional. Digits are added if it is taken.'), fault,
      h('button', { type: 'submit', class: 'button button--primary button--wide' }, 'Start playing'),
      h('p', { class: 'muted small' }, 'No e-mail, no password. You can keep the account later by giving it a password.'));
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const name = input.value.trim();
      const wrong = name ? nameFault(name) : '';
      fault.hidden = !wrong;
      fault.textContent = wrong;
      if (!wrong && await mayForget()) await go({ guest: name ? { name } : {} });
    });
    return form;
  }

  /** A guest's account is lost when another one takes its place. */
  async function mayForget() {
    const { account } = session;
    return !account?.guest || confirmDialog({
      title: `Leave ${account.name} behind?`, yes: 'Play as somebody else', danger: true,
      text: `${account.name} is a guest without a password: ship, credits and goods are lost when you play as somebody else. Continue as ${account.name} and choose “Keep this account” in the menu to keep them.`,
    });
  }

  async function go(how) {
    connecting({ phase: 'connecting', attempt: 0 });
    try {
      await enter(how);
    } catch (error) {
      idle(explain(error));
    }
  }

  function connecting(state) {
    stopTicking();
    status.hidden = true;
    forms.hidden = true;
    wait.hidden = false;
    const text = h('p', { role: 'status' });
    fill(wait, h('div', { class: 'spinner', 'aria-hidden': 'true' }), text, button('Cancel', () => { idle(''); cancel(); }, { class: 'button--quiet' }));
    stopTicking = ticking(() => { text.textContent = waitingWords(state); });
  }

  function idle(text) {
    stopTicking();
    wait.hidden = true;
    forms.hidden = false;
    status.hidden = !text;
    status.textContent = text;
    offerAccount();
  }

  return { connecting, idle, go, close: () => stopTicking() };
}
