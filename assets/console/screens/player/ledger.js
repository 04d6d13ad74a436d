// A player's ledger: every movement of credits and goods, newest first, with what the player held after it.

import { api } from '../../lib/api.js';
import { fill, h } from '../../lib/dom.js';
import { accountLink } from '../../lib/accounts.js';
import { pagedTable } from '../../lib/table.js';
import { integer, time, words } from '../../lib/format.js';
import { runningTotals } from './running.js';

const PAGE = 50;

export function ledgerTab(panel, subject, signal) {
  const account = `player:${subject.id}`;
  let totals = null;

  async function load({ cursor }) {
    const page = await api.get(`/players/${subject.id}/ledger`, { query: { cursor, limit: PAGE }, signal });
    if (!cursor) totals = page.items.length > 0 ? runningTotals(account, await holdingsAfter(page.items[0])) : null;
    return { ...page, items: page.items.map(totals) };
  }

  async function holdingsAfter(row) {
    const then = await api.get(`/players/${subject.id}/history/${row.at_ms}`, { signal });
    return then.holdings;
  }

  const list = pagedTable({
    caption: 'Ledger', rowKey: ({ seq }) => seq, signal, load, empty: 'Nothing has moved yet.',
    columns: columns(account, subject),
  });
  fill(panel, h('p', { class: 'muted' }, 'Goods count hold and storage.'), list.element);
}

function columns(account, { id, names }) {
  const other = ({ from, to }) => (from === account ? to : from);
  return [
    { key: 'at_ms', label: 'When', sort: false, render: ({ at_ms: at }) => time(at) },
    { key: 'reason', label: 'Why', sort: false, render: ({ reason }) => words(reason) },
    { key: 'other', label: 'From or to', sort: false, render: (row) => [row.from === account ? 'to ' : 'from ', accountLink(other(row), id)] },
    { key: 'item', label: 'What', sort: false, render: ({ item }) => (item === null ? 'credits' : names.items.name(item)) },
    { key: 'delta', label: 'Amount', align: 'end', sort: false, render: ({ delta }) => h('span', { class: delta < 0 ? 'minus' : 'plus' }, delta > 0 ? '+' : '', integer(delta)) },
    { key: 'balance', label: 'Afterwards', align: 'end', sort: false, render: ({ balance }) => integer(balance) },
    { key: 'seq', label: 'Row', align: 'end', sort: false, render: ({ seq, command, transfer }) => h('code', { title: [command && `command ${command}`, transfer && `transfer ${transfer}`].filter(Boolean).join(', ') || null }, seq) },
  ];
}
