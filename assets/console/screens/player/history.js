// A player at an earlier time: what was held then (exact, from the ledger), the snapshot before it, and what is different now.

import { api, isAbort } from '../../lib/api.js';
import { definitions, failure, field, fill, h, loading, section } from '../../lib/dom.js';
import { button } from '../../lib/dialog.js';
import { credits, duration, integer, time } from '../../lib/format.js';
import { diffView } from '../../lib/diff.js';
import { pagedTable } from '../../lib/table.js';

const PAGE = 20;
const SIDES = ['Then', 'Now'];
const HOUR_MS = 3_600_000;
// Numbers that only say that the state was written again.
const NOISE = ['revision', 'version', 'in_memory', 'online', 'etag'];

export function historyTab(panel, subject, signal) {
  const at = h('input', { type: 'datetime-local', step: 1, value: local(Date.now() - HOUR_MS), max: local(Date.now() + 60_000), required: true });
  const result = h('div', { class: 'then', 'aria-live': 'polite' });
  const look = (ms) => show(result, subject, ms, signal);
  const form = h('form', {
    class: 'toolbar', on: { submit: (event) => { event.preventDefault(); look(new Date(at.value).getTime()); } },
  }, field('Time', at), h('button', { type: 'submit', class: 'primary' }, 'Look'),
  [[1, '1 hour ago'], [24, 'a day ago'], [168, 'a week ago']].map(([hours, label]) => button(label, () => pick(Date.now() - hours * HOUR_MS), { class: 'quiet' })));
  const pick = (ms) => {
    at.value = local(ms);
    look(ms);
  };
  const list = pagedTable({
    caption: 'List of snapshots', rowKey: ({ at_ms: ms }) => ms, signal, onOpen: ({ at_ms: ms }) => pick(ms), empty: 'No snapshot yet.',
    load: ({ cursor }) => api.get(`/players/${subject.id}/history`, { query: { cursor, limit: PAGE }, signal }),
    columns: [{ key: 'at_ms', label: 'Taken', sort: false, render: ({ at_ms: ms }) => time(ms) }],
    actions: ({ at_ms: ms }) => button('Look', () => pick(ms)),
  });
  fill(panel, form, result, section('Snapshots', list.element));
}

/** The value of a datetime-local field, in the browser's own time. */
function local(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

async function show(result, subject, ms, signal) {
  if (Number.isNaN(ms)) return;
  fill(result, loading());
  try {
    const [then, now] = await Promise.all([ms, Date.now()].map((at) => api.get(`/players/${subject.id}/history/${Math.round(at)}`, { signal })));
    fill(result, held(then, now, subject), snapshot(then, subject));
  } catch (error) {
    if (!isAbort(error)) fill(result, failure(error, () => show(result, subject, ms, signal)));
  }
}

function held(then, now, { names }) {
  const goods = (holdings) => Object.fromEntries(Object.entries(holdings.goods ?? {}).map(([item, count]) => [names.items.name(item), count]));
  const shape = ({ holdings }) => ({ credits: holdings.credits, ...goods(holdings) });
  return section('Held then, and now',
    definitions([['Then', time(then.at_ms)], ['Credits then', credits(then.holdings.credits)],
      ['Goods then', `${integer(Object.values(then.holdings.goods ?? {}).reduce((sum, count) => sum + count, 0))} pieces`]]),
    diffView(shape(then), shape(now), SIDES));
}

function snapshot(then, { current }) {
  if (then.player === null || then.player === undefined) return section('Snapshot', h('p', { class: 'muted' }, 'There is no snapshot from before this time.'));
  const age = then.at_ms - then.snapshot_at_ms;
  return section('Snapshot before it, and now',
    h('p', { class: 'muted' }, 'Taken ', time(then.snapshot_at_ms), age > 0 && `, ${duration(age)} earlier`, '.'),
    diffView(comparable(then.player, current), comparable(current, then.player), SIDES));
}

/** Of one state, what the other one has too: what only one of them can know is no difference. */
function comparable(state, other) {
  return Object.fromEntries(Object.entries(state).filter(([name]) => name in other && !NOISE.includes(name)));
}
