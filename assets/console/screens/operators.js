// Who may use this console. Only for admins; every change is one of the change dialog.

import { api } from '../lib/api.js';
import { badge, definitions, fill, h, link, loading, section } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { createTable } from '../lib/table.js';
import { openChange } from '../lib/change.js';
import { ago, time } from '../lib/format.js';

const ROLES = [['viewer', 'viewer: sees everything, changes nothing'], ['moderator', 'moderator: mutes, bans, kicks, announces'], ['admin', 'admin: everything']];
const PASSWORD = { name: 'password', label: 'Password', type: 'password', required: true, minlength: 12, autocomplete: 'new-password', help: 'At least 12 characters.' };

const locked = (row) => row.locked_until_ms && row.locked_until_ms > Date.now();

function states(row) {
  return [row.disabled && badge('disabled', 'bad'), locked(row) && badge('locked', 'warn'), !row.disabled && !locked(row) && badge('active', 'ok')].filter(Boolean).flatMap((mark) => [mark, ' ']);
}

function list(root, params, ctx) {
  const table = createTable({
    caption: 'Operators', empty: 'No operators.', filter: 'Filter by name', rowKey: (row) => row.id, href: (row) => `/operators/${row.id}`, sort: { key: 'name' },
    columns: [
      { key: 'name', label: 'Name' }, { key: 'role', label: 'Role', render: (row) => badge(row.role, 'info') },
      { key: 'state', label: 'State', value: (row) => (row.disabled ? 'disabled' : locked(row) ? 'locked' : 'active'), render: states },
      { key: 'totp', label: 'Second factor', value: (row) => (row.totp ? 'on' : 'off'), render: (row) => (row.totp ? badge('on', 'ok') : badge('off', 'warn')) },
      { key: 'last_login_ms', label: 'Last log-in', render: (row) => ago(row.last_login_ms) },
    ],
  });
  ctx.actions(button('New operator…', create, { class: 'primary' }));
  fill(root, table.element);
  load();

  async function load() {
    table.setLoading();
    try {
      table.setRows((await api.get('/operators', { signal: ctx.signal })).items);
    } catch (error) {
      if (!ctx.signal.aborted) table.setError(error, load);
    }
  }

  function create() {
    openChange({
      title: 'New operator', path: '/operators', dryRun: false, confirm: 'Make the operator', onDone: load,
      fields: [{ name: 'name', label: 'Name', required: true, maxlength: 32, help: 'How he or she logs in.' }, { name: 'role', label: 'Role', type: 'select', options: ROLES }, PASSWORD],
      envelope: (change, reason) => ({ ...change, reason }),
    });
  }
}

async function detail(root, { id }, ctx) {
  fill(root, loading());
  const { data, etag } = await api.tagged(`/operators/${id}`, { signal: ctx.signal });
  ctx.setTitle(data.name);
  const change = (title, kind, more = {}) => button(`${title}…`, () => openChange({
    title: `${title}: ${data.name}`, path: `/operators/${id}/changes`, version: etag ?? data.version, onDone: ctx.reload, confirm: title, toChange: (values) => ({ kind, ...values }), ...more,
  }), more.danger ? { class: 'danger' } : {});
  fill(root,
    section('Operator', definitions([
      ['Name', data.name], ['Role', badge(data.role, 'info')], ['State', states(data)], locked(data) && ['Locked until', time(data.locked_until_ms)],
      ['Second factor', data.totp ? badge('on', 'ok') : badge('off', 'warn')], ['Last log-in', time(data.last_login_ms)], ['Version', data.version],
    ])),
    section('Change', h('div', { class: 'toolbar' },
      change('Change the role', 'role', { fields: [{ name: 'role', label: 'Role', type: 'select', options: ROLES, value: data.role }] }),
      locked(data) && change('Unlock', 'unlock'),
      change('Set a new password', 'reset_password', { fields: [PASSWORD], intro: 'Sessions and tokens of this operator end at once.' }),
      data.totp && change('Take the second factor away', 'reset_totp', { danger: true }),
      data.disabled ? change('Enable', 'enable') : change('Disable', 'disable', { danger: true, intro: 'Sessions and tokens of this operator end at once.' }))),
    h('p', {}, link(`/audit?operator=${id}`, 'What this operator did'), ' · ', link(`/audit?target=operator:${id}`, 'What was done to this operator')));
}

export default [
  { title: 'Operators', path: '/operators', role: 'admin', group: 'Safety', keys: 'g x', mount: list },
  { title: 'Operator', path: '/operators/:id', role: 'admin', mount: detail },
];
