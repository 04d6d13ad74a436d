// Maintenance mode: announce it, close the doors, send everybody out, open again. The state survives a restart of the server.

import { api } from '../lib/api.js';
import { badge, definitions, failure, fill, h, loading, section } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { openChange } from '../lib/change.js';
import { integer, time } from '../lib/format.js';
import { countdown, livePart } from '../lib/live.js';

const EVERY_MS = 1000;
const MODES = {
  off: ['Open', 'ok', 'Everybody can play.'],
  announced: ['Announced', 'info', 'Everybody can play, and has been told when it closes.'],
  closed: ['Closed', 'warn', 'Nobody comes in except those on the list. Who is inside stays.'],
  draining: ['Draining', 'warn', 'Nobody comes in; those inside are told and sent out one after another.'],
};
const MESSAGE = { name: 'message', label: 'Message to players', type: 'textarea', required: true, maxlength: 500 };
const ALLOW = { name: 'allow', label: 'Who may still come in', type: 'names', placeholder: 'names, with commas between', help: 'Players’ names; at most 100.' };

export default { title: 'Maintenance', path: '/maintenance', role: 'viewer', group: 'Safety', keys: 'g e', mount };

function mount(root, params, ctx) {
  const content = h('div', {}, loading());
  root.append(content);
  const subject = { current: null, etag: null, most: 0, refresh: () => watch.now() };
  const state = livePart((data) => stateOf(data, subject));
  const actions = livePart(() => actionsOf(subject), { class: 'toolbar actions', role: 'group', 'aria-label': 'Actions' });
  const watch = ctx.poll({
    every: EVERY_MS, load: (signal) => api.tagged('/maintenance', { signal }),
    onData: ({ data, etag }) => {
      if (subject.current === null) fill(content, state.element, ctx.can('admin') && section('Change it', actions.element));
      // The bar of a drain begins with as many as were inside when one began to look.
      subject.most = data.mode === 'draining' ? Math.max(subject.most, data.players_online) : 0;
      subject.current = data;
      subject.etag = etag;
      state.set(data);
      actions.set(data.mode);
    },
    onError: (error) => { if (subject.current === null) fill(content, failure(error, () => watch.now())); },
  });
}

function stateOf({ mode, message, starts_ms: starts, ends_ms: ends, allow, players_online: online }, { most }) {
  const [name, kind, about] = MODES[mode] ?? [mode, '', ''];
  return section('State',
    h('p', { class: 'big-state', 'data-mode': mode }, badge(name, kind), ' ', about),
    mode === 'draining' && drain(online, most),
    definitions([
      ['Players inside', integer(online)], message && ['Message', message], starts && [mode === 'announced' ? 'Closes' : 'Since', mode === 'announced' ? [time(starts), ' (', countdown(starts), ')'] : time(starts)],
      ends && ['Everybody is out', countdown(ends)],
      mode !== 'off' && ['May still come in', allow?.length ? allow.join(', ') : 'nobody'],
    ]));
}

function drain(online, most) {
  if (online === 0) return h('p', { class: 'notice ok', role: 'status' }, 'Everybody is out.');
  return h('div', { class: 'progress-line' }, h('progress', { max: Math.max(1, most), value: most - online, 'aria-label': 'Sent out' }), h('span', { class: 'muted' }, `${integer(online)} still inside`));
}

function actionsOf(subject) {
  const { mode } = subject.current;
  const act = (label, make, kind = '') => button(label, () => change(subject, make(subject.current)), { class: kind });
  return [
    mode === 'off' && act('Announce…', announcing, 'primary'),
    mode !== 'draining' && act(mode === 'closed' ? 'Change message or list…' : 'Close…', closing),
    mode !== 'draining' && act('Drain…', draining, 'danger'),
    mode !== 'off' && act(mode === 'announced' ? 'Take it back…' : 'Open…', opening, 'primary'),
  ];
}

function change(subject, options) {
  openChange({ path: '/maintenance/changes', version: subject.etag, onDone: subject.refresh, ...options });
}

const announcing = () => ({
  title: 'Announce maintenance', confirm: 'Announce', toChange: (values) => ({ kind: 'announce', ...values }),
  fields: [{ name: 'starts_ms', label: 'Closes', type: 'when' }, MESSAGE, ALLOW], intro: 'Players are told, and can play until then. Then the doors close by themselves.',
});

const closing = ({ message, allow }) => ({
  title: 'Close for maintenance', confirm: 'Close', danger: true, toChange: (values) => ({ kind: 'close', ...values }),
  fields: [{ ...MESSAGE, value: message ?? '' }, { ...ALLOW, value: allow ?? [] }],
});

const draining = ({ message }) => ({
  title: 'Drain', confirm: 'Send everybody out', danger: true, toChange: (values) => ({ kind: 'drain', ...values }),
  fields: [{ ...MESSAGE, value: message ?? '' }, { name: 'seconds', label: 'Within how many seconds', type: 'integer', min: 1, max: 3600, value: 60, required: true }],
});

const opening = () => ({ title: 'Open for everybody', confirm: 'Open', toChange: () => ({ kind: 'open' }) });
