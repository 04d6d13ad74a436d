// Log-in: name and password, then the second factor if there is one; a lock-out counts down. Not in the list of screens: app.js shows it.

import { fill, h, field } from '../lib/dom.js';
import { logIn } from '../lib/session.js';
import { duration } from '../lib/format.js';

export function showLogIn(root, { notice, onLoggedIn }) {
  const name = h('input', { type: 'text', autocomplete: 'username', required: true, maxlength: 64, autocapitalize: 'none', spellcheck: 'false' });
  const password = h('input', { type: 'password', autocomplete: 'current-password', required: true, maxlength: 1024 });
  const code = h('input', { type: 'text', autocomplete: 'one-time-code', inputmode: 'text', maxlength: 64, autocapitalize: 'none', spellcheck: 'false' });
  const message = h('p', { class: 'login-message', role: 'alert' }, notice ?? '');
  const submit = h('button', { type: 'submit', class: 'primary' }, 'Log in');
  const first = h('div', {}, field('Name', name), field('Password', password));
  const second = h('div', { hidden: true }, field('Code', code, 'Six digits from your authenticator, or one of your recovery codes.'));
  const back = h('button', { type: 'button', class: 'quiet', hidden: true, on: { click: () => stage(false) } }, 'Other operator');
  const form = h('form', { class: 'login', 'aria-labelledby': 'login-title' },
    h('div', { class: 'brand' }, h('img', { src: 'favicon.svg', alt: '', width: 28, height: 28 }), h('h1', { id: 'login-title' }, 'Orrery console')),
    message, first, second, h('div', { class: 'dialog-actions' }, back, submit));
  let timer = null;

  function stage(withCode) {
    first.hidden = withCode;
    second.hidden = !withCode;
    back.hidden = !withCode;
    code.required = withCode;
    code.value = '';
    (withCode ? code : name).focus();
  }

  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    fill(message);
    try {
      await logIn(name.value.trim(), password.value, second.hidden ? undefined : code.value.trim());
      onLoggedIn();
    } catch (error) {
      submit.disabled = false;
      refused(error);
    }
  }

  function refused(error) {
    if (error.code === 'code_required') {
      stage(true);
    } else if (error.status === 429) {
      countDown(Date.now() + (error.retryAfterMs ?? 60_000), error.code === 'locked' ? 'Locked after too many failures.' : 'Too many attempts.');
    } else if (error.code === 'wrong_code') {
      fill(message, 'That code is not right. Each code works once; wait for the next one.');
      code.select();
      code.focus();
    } else if (error.status === 401) {
      stage(false);
      fill(message, 'Name or password is wrong.');
      password.value = '';
      password.focus();
    } else {
      fill(message, error.message);
    }
  }

  function countDown(until, why) {
    clearInterval(timer);
    submit.disabled = true;
    const show = () => {
      const rest = until - Date.now();
      if (rest > 0 && form.isConnected) {
        // The alert is read once; the seconds are for the eye.
        fill(message, why, ' Try again in ', h('span', { 'aria-hidden': 'true' }, duration(Math.ceil(rest / 1000) * 1000)), '.');
        return;
      }
      clearInterval(timer);
      submit.disabled = false;
      fill(message);
    };
    timer = setInterval(show, 1000);
    show();
  }

  form.addEventListener('submit', send);
  document.title = 'Log in · Orrery console';
  fill(root, h('main', { id: 'main', class: 'login-page', tabindex: '-1' }, form));
  name.focus();
}
