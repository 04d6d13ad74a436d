// The missions a player takes part in, and the guild.

import { definitions, empty, h, link, section } from '../../lib/dom.js';
import { integer, shortId, words } from '../../lib/format.js';
import { createTable } from '../../lib/table.js';
import { follow } from './names.js';

export function socialTab(panel, subject, signal) {
  follow(panel, subject, signal, [
    [({ missions }) => missions, missionList],
    [({ guild }) => guild, membership],
  ]);
}

function missionList(missions) {
  const table = createTable({
    caption: 'Missions', empty: 'The player takes part in no running mission.', href: ({ id }) => `/missions/${encodeURIComponent(id)}`,
    columns: [
      { key: 'id', label: 'Mission' }, { key: 'rank', label: 'Rank', align: 'end', render: ({ rank }) => integer(rank) },
      { key: 'score', label: 'Score', align: 'end', render: ({ score }) => integer(score) },
    ],
  });
  table.setRows(missions ?? []);
  return section('Missions', table.element);
}

function membership(guild) {
  return section('Guild', guild
    ? definitions([['Guild', link(`/guilds/${guild.id}`, guild.name ?? shortId(guild.id))], ['Role', guild.role === null ? 'is joining' : words(guild.role)]])
    : h('div', {}, empty('The player is in no guild.')));
}
