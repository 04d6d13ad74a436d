// What a player researches, knows and crafts.

import { definitions, empty, h, section } from '../../lib/dom.js';
import { countdown } from '../../lib/live.js';
import { integer, words } from '../../lib/format.js';
import { createTable } from '../../lib/table.js';
import { follow } from './names.js';

export function workTab(panel, subject, signal) {
  const { names } = subject;
  follow(panel, subject, signal, [
    [({ research }) => research, (research) => running(research, names)],
    [({ crafting }) => crafting, (crafting) => jobs(crafting, names)],
    [({ known }) => known, (known) => knowledge(known, names)],
  ]);
}

function running(research, names) {
  return section('Research', research
    ? definitions([['Technology', names.techs.name(research.tech)], ['Done', countdown(research.due_ms)]])
    : empty('Nothing is being researched.'));
}

function jobs(crafting, names) {
  const table = createTable({
    caption: 'Crafting jobs', rowKey: ({ id }) => id, empty: 'Nothing is being crafted.',
    columns: [
      { key: 'blueprint', label: 'Blueprint', render: ({ blueprint }) => names.blueprints.name(blueprint) },
      { key: 'hub', label: 'Hub', render: ({ hub }) => names.hubs.name(hub) },
      { key: 'runs', label: 'Runs', align: 'end', render: ({ runs }) => integer(runs) },
      { key: 'output', label: 'Gives', render: ({ output, quantity }) => `${names.items.name(output)} × ${integer(quantity)}` },
      { key: 'starts_ms', label: 'Begins', render: ({ starts_ms: starts }) => (starts > Date.now() ? countdown(starts) : 'has begun') },
      { key: 'due_ms', label: 'Done', render: ({ due_ms: due }) => countdown(due) },
    ],
  });
  table.setRows(crafting ?? []);
  return section('Crafting', table.element);
}

function knowledge(known, names) {
  return section(`Technologies (${known.length} of ${names.techs.keys.length})`, known.length === 0 && empty('None.'),
    h('ul', { class: 'chips' }, known.map((key) => h('li', { title: words(key) }, names.techs.name(key)))));
}
