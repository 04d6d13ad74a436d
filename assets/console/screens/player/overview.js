// A player's wallet, hold, storage, ship and place.

import { definitions, empty, h, link, section } from '../../lib/dom.js';
import { credits, decimal, integer, time, words } from '../../lib/format.js';
import { follow } from './names.js';

export function overviewTab(panel, subject, signal) {
  const { names } = subject;
  follow(panel, subject, signal, [
    [(player) => pick(player, 'credits', 'cargo', 'ship'), (player) => wallet(player, names)],
    [(player) => pick(player, 'world', 'position', 'online'), (player) => place(player, names)],
    [(player) => pick(player, 'storage'), (player) => storage(player, names)],
    [(player) => pick(player, 'id', 'created_ms', 'log_ins', 'lifetime', 'season', 'unread', 'revision'), account],
  ]);
}

const pick = (player, ...keys) => Object.fromEntries(keys.map((key) => [key, player[key]]));

function wallet({ credits: amount, cargo, ship }, names) {
  return section('Wallet and ship',
    definitions([['Credits', h('strong', { class: 'wallet', 'data-figure': 'credits' }, credits(amount))], ['Ship', names.ships.name(ship)]]),
    h('h3', {}, 'Hold'), goodsList(cargo, names));
}

function goodsList(map, names) {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return empty('Nothing.');
  return h('ul', { class: 'goods-list' }, entries.map(([item, count]) => h('li', { 'data-item': item }, h('span', {}, names.items.name(item)), h('b', {}, integer(count)))));
}

function storage({ storage: hubs }, names) {
  const entries = Object.entries(hubs ?? {}).filter(([, map]) => Object.keys(map).length > 0);
  return section('Storage', entries.length === 0 && empty('Nothing is stored at any hub.'),
    entries.map(([hub, map]) => [h('h3', {}, link(`/markets/${hub}`, names.hubs.name(hub))), goodsList(map, names)]));
}

function place({ world, position, online }, names) {
  return section('Place', definitions([
    ['World', world ? link(`/galaxy?world=${encodeURIComponent(world)}`, names.sectors.name(world)) : '–'],
    ['Position', position ? `${decimal(position.x)} / ${decimal(position.y)} units` : '–'],
    ['Ship in space', online ? 'yes' : world ? 'no; this is where it comes back' : 'no; it was never there'],
  ]));
}

function account({ id, created_ms: created, log_ins: logIns, lifetime, season, unread, revision }) {
  return section('Account', definitions([
    ['Id', h('code', {}, id)], ['Created', time(created)], ['Log-ins', integer(logIns)], ['Unread notifications', integer(unread)], ['Version', integer(revision)],
  ]), figures('In all', lifetime), figures('This season', season));
}

function figures(title, map) {
  const entries = Object.entries(map ?? {});
  return entries.length > 0 && [h('h3', {}, title), definitions(entries.map(([name, value]) => [words(name), typeof value === 'number' ? integer(value) : String(value)]))];
}
