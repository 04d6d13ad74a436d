// Moderation: what players have reported, with the lines around it, and what one does about it, in one place.

import { api, isAbort } from '../lib/api.js';
import { badge, empty, failure, fill, h, link, loading } from '../lib/dom.js';
import { button } from '../lib/dialog.js';
import { openChange } from '../lib/change.js';
import { ago, time } from '../lib/format.js';
import { playerLink } from '../lib/accounts.js';
import { tabs } from '../lib/tabs.js';
import { chatLine } from './chat/line.js';
import { moderate } from './player/actions.js';

const PAGE = 20;
const RESOLUTIONS = [['dismissed', 'Dismissed: nothing wrong'], ['warned', 'Warned'], ['muted', 'Muted'], ['banned', 'Banned']];

export default [
  { title: 'Reports', path: '/reports', role: 'viewer', group: 'Safety', keys: 'g r', mount },
  { title: 'Report', path: '/reports/:seq', role: 'viewer', mount: one },
];

/** One report, as the audit log links to it. */
async function one(root, { seq }, ctx) {
  root.append(loading());
  const report = await api.get(`/reports/${encodeURIComponent(seq)}`, { signal: ctx.signal });
  ctx.setTitle(`Report #${report.seq}`);
  fill(root, h('div', { class: 'cards' }, card(report, ctx)));
}

function mount(root, params, ctx) {
  root.append(tabs(ctx, {
    label: 'Reports', tabs: [
      { key: 'open', label: 'Open', show: (panel, signal) => queue(panel, 'open', ctx, signal) },
      { key: 'closed', label: 'Closed', show: (panel, signal) => queue(panel, 'closed', ctx, signal) },
    ],
  }).element);
  const step = (by) => {
    const cards = [...root.querySelectorAll('article')];
    const at = cards.indexOf(document.activeElement.closest?.('article'));
    cards[Math.min(cards.length - 1, Math.max(0, at + by))]?.focus();
  };
  ctx.shortcut({ keys: 'j', label: 'Next report', run: () => step(1) });
  ctx.shortcut({ keys: 'k', label: 'Report before', run: () => step(-1) });
}

function queue(panel, state, ctx, signal) {
  const list = h('div', { class: 'cards' });
  const note = h('div', {}, loading());
  const more = button('Load more', () => load(), { class: 'more', hidden: true });
  let cursor = null;
  fill(panel, list, note, more);

  async function load() {
    more.disabled = true;
    try {
      // A page may be empty although there are more.
      let added = 0;
      do {
        const page = await api.get('/reports', { query: { state, cursor, limit: PAGE }, signal });
        cursor = page.next_cursor;
        added += page.items.length;
        list.append(...page.items.map((report) => card(report, ctx)));
      } while (added === 0 && cursor !== null);
      more.hidden = cursor === null;
      fill(note, list.children.length === 0 && empty('No reports here.'));
    } catch (error) {
      if (!isAbort(error)) fill(note, failure(error, load));
    } finally {
      more.disabled = false;
    }
  }
  return load();
}

function card(report, ctx) {
  const element = h('article', { class: 'card', tabindex: '-1', 'data-report': report.seq, 'aria-label': `Report ${report.seq} about ${report.about?.name}` });
  const current = { ...report };
  // After a change the card says what has become of it, and offers to take it back, until one leaves the list.
  const draw = () => fill(element, cardHead(current), lines(current, ctx), actions());

  async function reread() {
    Object.assign(current, await api.get(`/reports/${current.seq}`, { signal: ctx.signal }));
    draw();
  }

  function actions() {
    if (!ctx.can('moderator')) return null;
    const close = (resolution) => closeReport(current, resolution, reread);
    const about = current.about;
    const first = async (kind, resolution) => { if (await moderate(kind, about)) close(resolution); };
    if (current.state === 'closed') return h('div', { class: 'toolbar' }, button('Reopen…', () => reopen(current, reread)));
    return h('div', { class: 'toolbar' },
      about && [button('Mute…', () => first('mute', 'muted')), button('Ban…', () => first('ban', 'banned'), { class: 'danger' })],
      button('Close…', () => close('dismissed'), { class: 'primary' }));
  }

  draw();
  return element;
}

function cardHead({ seq, at_ms: at, by, about, text, state, resolution, stream, decided_by: decider, decided_ms: decided }) {
  return h('header', {},
    h('h2', {}, `#${seq} · `, playerLink(about), state === 'closed' && [' ', badge(resolution ?? 'closed', resolution === 'dismissed' ? '' : 'warn')]),
    h('p', { class: 'muted' }, 'Reported by ', playerLink(by), ' ', ago(at), ' (', time(at), ')', ', ', link(`/chat/${encodeURIComponent(stream)}`, `${stream.split(':')[0]} channel`)),
    decider && h('p', { class: 'muted' }, state === 'closed' ? 'Closed' : 'Reopened', ` by ${decider} `, ago(decided)),
    h('p', { class: 'said' }, text ? `“${text}”` : 'No reason was given.'));
}

function lines(report, ctx) {
  if (!report.lines?.length) return empty('The lines are not kept any more.');
  return h('ol', { class: 'lines quoted' }, report.lines.map((line) => chatLine(line, ctx, { reported: line.seq === report.line })));
}

function closeReport(report, resolution, done) {
  openChange({
    title: `Close report #${report.seq}`, path: `/reports/${report.seq}/changes`, version: report.version, confirm: 'Close the report', onDone: done,
    fields: [{ name: 'resolution', label: 'What came of it', type: 'select', options: RESOLUTIONS, value: resolution }],
    toChange: (values) => ({ kind: 'close', ...values }),
  });
}

function reopen(report, done) {
  openChange({ title: `Reopen report #${report.seq}`, path: `/reports/${report.seq}/changes`, version: report.version, confirm: 'Reopen', onDone: done, toChange: () => ({ kind: 'reopen' }) });
}
