// The operator's own account: password, second factor, recovery codes, API tokens.

import { api } from '../lib/api.js';
import { badge, definitions, field, fill, h, section, select } from '../lib/dom.js';
import { button, confirmDialog, openDialog } from '../lib/dialog.js';
import { createTable } from '../lib/table.js';
import { ago, time } from '../lib/format.js';
import { session } from '../lib/session.js';
import { toast } from '../lib/toast.js';

const SCOPES = ['viewer', 'moderator', 'admin'];

function mount(root, params, ctx) {
  const factor = h('div', {});
  showFactor();
  fill(root, h('div', { class: 'grid' },
    section('You', definitions([['Name', ctx.operator.name], ['Role', badge(ctx.operator.role, 'info')], ['Session ends', time(session.expires_ms)],
      ['When idle', session.idle_seconds ? `after ${Math.round(session.idle_seconds / 60)} min` : '–']])),
    section('Second factor', factor),
    section('Password', passwordForm())),
  tokens(ctx));

  function showFactor() {
    const on = session.operator.totp;
    fill(factor, h('p', {}, on ? badge('on', 'ok') : badge('off', 'warn'), on ? ' A code is asked at each log-in.' : ' Only the password protects this account.'),
      h('div', { class: 'toolbar' }, on ? button('Turn off…', () => turnOff(showFactor)) : button('Turn on…', () => turnOn(showFactor), { class: 'primary' })));
  }
}

function passwordForm() {
  const current = h('input', { type: 'password', autocomplete: 'current-password', required: true });
  const next = h('input', { type: 'password', autocomplete: 'new-password', required: true, minlength: 12 });
  const again = h('input', { type: 'password', autocomplete: 'new-password', required: true });
  const message = h('p', { role: 'alert', class: 'login-message' });
  // Password managers want to know whose password it is.
  const name = h('input', { type: 'text', autocomplete: 'username', value: session.operator.name, hidden: true });
  const form = h('form', {}, message, name, field('Current password', current), field('New password', next, 'At least 12 characters.'), field('New password again', again),
    h('button', { type: 'submit' }, 'Change the password'), h('p', { class: 'help' }, 'Your other sessions and all your API tokens end.'));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    fill(message);
    if (next.value !== again.value) {
      fill(message, 'The new passwords differ.');
      again.focus();
      return;
    }
    try {
      await api.post('/session/password', { current: current.value, new: next.value });
      form.reset();
      toast('The password is changed.');
    } catch (error) {
      fill(message, error.message);
    }
  });
  return form;
}

/** A dialog that asks for something and stays open, with the reason, when the server refuses it. */
function askDialog({ title, body, confirm, danger, send }) {
  const message = h('p', { role: 'alert', class: 'login-message' });
  const submit = h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, confirm);
  const form = h('form', {}, message, body, h('div', { class: 'dialog-actions' }, button('Cancel', () => dialog.close()), submit));
  const dialog = openDialog({ title, body: [form] });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    fill(message);
    try {
      await send();
      dialog.close();
    } catch (error) {
      fill(message, error.message);
    }
    submit.disabled = false;
  });
}

function turnOn(done) {
  const password = h('input', { type: 'password', autocomplete: 'current-password', required: true });
  askDialog({
    title: 'Turn the second factor on', confirm: 'Continue', body: [field('Your password', password)],
    send: async () => confirmFactor(await api.post('/session/totp', { password: password.value }), done),
  });
}

function confirmFactor({ secret, uri, qr_svg }, done) {
  const code = h('input', { type: 'text', inputmode: 'numeric', pattern: '[0-9]{6}', maxlength: 6, required: true, autocomplete: 'one-time-code' });
  askDialog({
    title: 'Scan and confirm', confirm: 'Confirm',
    body: [h('p', {}, 'Scan this with your authenticator, or type the secret in. When it is confirmed, your other sessions end.'),
      h('img', { class: 'qr', width: 200, height: 200, alt: 'QR code of the secret below', src: `data:image/svg+xml,${encodeURIComponent(qr_svg)}` }),
      definitions([['Secret', h('code', { 'data-secret': '' }, secret)], ['Address', h('a', { href: uri }, 'open in an authenticator')]]),
      field('Code', code, 'The six digits that the authenticator shows now.')],
    send: async () => {
      const { recovery_codes } = await api.post('/session/totp/confirm', { code: code.value });
      session.operator.totp = true;
      done();
      showOnce('Recovery codes', 'Each of these replaces a code once. They are shown this once only; keep them where your authenticator is not.', recovery_codes);
    },
  });
}

function turnOff(done) {
  const password = h('input', { type: 'password', autocomplete: 'current-password', required: true });
  const code = h('input', { type: 'text', required: true, autocomplete: 'one-time-code' });
  askDialog({
    title: 'Turn the second factor off', confirm: 'Turn off', danger: true, body: [field('Your password', password), field('Code', code, 'From the authenticator, or a recovery code.')],
    send: async () => {
      await api.delete('/session/totp', { password: password.value, code: code.value.trim() });
      session.operator.totp = false;
      done();
      toast('The second factor is off.', 'warn');
    },
  });
}

function showOnce(title, text, lines) {
  const value = lines.join('\n');
  const copy = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(value);
      toast('Copied.');
    } catch {
      toast('The browser does not allow copying; select the text instead.', 'warn');
    }
  });
  const dialog = openDialog({ title, body: [h('p', {}, text), h('pre', { class: 'once', tabindex: '0' }, value)] });
  dialog.setActions(copy, button('I have kept it', () => dialog.close(), { class: 'primary' }));
  dialog.focusFirst();
}

function tokens(ctx) {
  const table = createTable({
    caption: 'API tokens', empty: 'No tokens.', rowKey: (row) => row.id, sort: { key: 'created_ms', descending: true },
    columns: [
      { key: 'name', label: 'Name' }, { key: 'scope', label: 'Scope', render: (row) => badge(row.scope, 'info') },
      ctx.can('admin') && { key: 'operator', label: 'Operator', render: (row) => row.operator?.name ?? row.operator ?? '–' },
      { key: 'created_ms', label: 'Made', render: (row) => time(row.created_ms) }, { key: 'expires_ms', label: 'Ends', render: (row) => (row.expires_ms ? time(row.expires_ms) : 'never') },
      { key: 'last_used_ms', label: 'Last used', render: (row) => ago(row.last_used_ms) },
    ].filter(Boolean),
    actions: ctx.can('moderator') ? (row) => button('Delete', () => remove(row)) : undefined,
  });

  async function load() {
    try {
      table.setRows((await api.get('/tokens', { signal: ctx.signal })).items);
    } catch (error) {
      if (!ctx.signal.aborted) table.setError(error, load);
    }
  }

  async function remove(row) {
    if (!await confirmDialog({ title: 'Delete the token', text: `What uses “${row.name}” stops working at once.`, confirm: 'Delete', danger: true })) return;
    try {
      await api.delete(`/tokens/${row.id}`);
      toast('The token is deleted.');
      load();
    } catch (error) {
      toast(error.message, 'bad');
    }
  }

  function create() {
    const name = h('input', { type: 'text', required: true, maxlength: 64 });
    const scope = select(SCOPES.filter((role) => ctx.can(role)), 'viewer');
    const days = h('input', { type: 'number', min: 1, max: 3650, step: 1, value: 30 });
    askDialog({
      title: 'New API token', confirm: 'Make it',
      body: [field('Name', name, 'What it is for.'), field('Scope', scope, 'It can do no more than this, nor more than you.'), field('Days', days, 'Empty: it never ends.')],
      send: async () => {
        const { token } = await api.post('/tokens', { name: name.value.trim(), scope: scope.value, ...(days.value ? { days: Number(days.value) } : {}) });
        load();
        showOnce('The new token', 'Shown this once only. Send it as “Authorization: Bearer …”.', [token]);
      },
    });
  }

  load();
  return section('API tokens', ctx.can('moderator') && h('div', { class: 'toolbar' }, button('New token…', create)), table.element,
    h('p', { class: 'help' }, 'What they can be used for: ', h('a', { href: 'console/api/v1/docs', target: '_blank', rel: 'noopener' }, 'the console’s API'), '.'));
}

export default { title: 'My account', path: '/account', role: 'viewer', mount };
