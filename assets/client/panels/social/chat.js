// Chat: the sector, who is near, the guild, and one player at a time.

import { button, empty, fill, h, tabs } from '../../ui/dom.js';
import { ago } from '../../ui/format.js';
import { conversation } from './conversation.js';

const ABOUT = {
  sector: 'Everybody in this sector hears you.',
  local: 'Only ships around you hear this; it is not kept.',
  guild: 'Your guild hears this, wherever its members are.',
};

export const chat = { key: 'chat', title: 'Chat', group: 'social', shortcut: 't', mount };

function mount(root, game, params) {
  const log = game.chat;
  root.classList.add('panel--chat');
  let current = null;
  let partner = params.direct ? { player: params.direct, name: params.name ?? game.people.name(params.direct) } : null;
  const names = { sector: 'Sector', local: 'Near', guild: 'Guild', direct: 'Direct' };
  const choice = tabs('Channels', Object.entries(names), params.direct ? 'direct' : params.channel ?? 'sector', show);
  fill(root, choice.element, choice.body);

  function leave() {
    current?.stop();
    current = null;
    log.read(null);
  }

  function show(key) {
    leave();
    if (key === 'direct' && !partner) return showPartners();
    const channel = key === 'direct' ? `direct:${partner.player}` : key;
    log.read(channel);
    current = conversation(game, channel);
    fill(choice.body,
      key === 'direct' ? h('div', { class: 'spread chat__head' }, button('‹ All talks', () => { partner = null; show('direct'); }, { class: 'button--small' }),
        h('button', { type: 'button', class: 'link', on: { click: () => game.selectPlayer(partner.player, partner.name) } }, partner.name))
        : h('p', { class: 'muted small' }, ABOUT[key]),
      current.element);
    current.start();
    return undefined;
  }

  function showPartners() {
    const list = log.partners();
    fill(choice.body, list.length ? h('ul', { class: 'list' }, list.map((entry) => {
      const { unread } = log.channel(`direct:${entry.player}`);
      return h('li', { class: 'spread' },
        h('button', { type: 'button', class: 'link talk', on: { click: () => { partner = entry; show('direct'); } } }, entry.name, unread > 0 && h('span', { class: 'badge badge--info' }, `${unread} new`)),
        h('span', { class: 'muted small' }, ago(entry.lastMs)));
    })) : empty('You have not talked with anybody yet. Choose a name in chat, among your friends or on a leaderboard, and then Message.'));
  }

  function labels() {
    for (const [key, name] of Object.entries(names)) {
      const unread = key === 'direct' ? log.partners().reduce((sum, { player }) => sum + log.channel(`direct:${player}`).unread, 0) : log.channel(key).unread;
      choice.label(key, name, unread > 0 && h('span', { class: 'badge badge--info tab-count' }, unread > 99 ? '99+' : unread));
    }
  }

  const off = log.watch(labels);
  labels();
  return () => {
    off();
    leave();
  };
}
