// The bar at the top: who, where, what is in the wallet and the hold, how the connection is, and the buttons that are always there.

import { fill, h } from './dom.js';
import { credits, number } from './format.js';
import { icon } from './icons.js';

const SLOW_MS = 250;
const EVERY_MS = 1000;
/** A save this short needs no word. */
const SAVING_MS = 600;

export function topBar(game, { openMenu, openPanel, showOwnCard }) {
  const { client } = game;
  const name = h('button', { type: 'button', class: 'top__name', on: { click: showOwnCard } });
  const world = h('span', { class: 'top__world' });
  const wallet = h('b', {});
  const hold = h('b', {});
  const connection = h('span', { class: 'pill pill--connection' });
  const pace = h('span', { class: 'pill pill--warn', hidden: true, role: 'status' });
  const narrowPace = h('span', { class: 'top__pace' });
  const saving = h('span', { class: 'pill', hidden: true });
  const bell = h('button', { type: 'button', class: 'icon-button', on: { click: () => openPanel('notifications') } });
  const element = h('header', { class: 'top' },
    h('div', { class: 'top__brand' }, h('img', { src: 'favicon.svg', alt: '', width: 30, height: 30 }), h('div', { class: 'top__who' }, name, world)),
    h('div', { class: 'top__space' }), saving, pace,
    h('div', { class: 'top__figures' },
      h('div', { class: 'figure figure--cargo' }, h('span', {}, 'Hold'), hold),
      h('div', { class: 'figure figure--credits' }, h('span', {}, 'Credits'), wallet)),
    connection,
    h('div', { class: 'top__buttons' }, bell,
      h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Menu', on: { click: openMenu } }, icon('menu'))));

  function showPlayer() {
    fill(name, client.name, h('span', { class: 'visually-hidden' }, ', your player card'));
    fill(world, narrowPace, game.name('sector', client.world?.key), game.state.hub && ` · ${game.name('hub', game.state.hub)}`);
  }

  function showFigures({ status, unread }) {
    wallet.textContent = status ? credits(status.credits) : '…';
    hold.textContent = status ? `${number(status.cargo_used)} / ${number(status.cargo_capacity)}` : '…';
    fill(bell, icon('notifications'), unread > 0 && h('span', { class: 'count', 'aria-hidden': 'true' }, unread > 99 ? '99+' : unread));
    bell.setAttribute('aria-label', unread > 0 ? `Notifications, ${unread} unread` : 'Notifications');
  }

  function showConnection() {
    const { phase } = client.state;
    // One sample says nothing yet.
    const ms = client.latencyMs === null ? 0 : Math.max(1, Math.round(client.latencyMs));
    const [kind, text] = phase !== 'online' ? ['lost', phase === 'closed' ? 'Disconnected' : 'Connecting…'] : [ms > SLOW_MS ? 'slow' : 'good', ms ? `${ms} ms` : 'Connected'];
    fill(connection, h('span', { class: `dot dot--${kind}`, 'aria-hidden': 'true' }), h('span', {}, text));
    connection.setAttribute('role', 'img');
    connection.setAttribute('aria-label', phase === 'online' && ms ? `Connected, ${ms} ms` : text);
    connection.title = phase === 'online' ? 'Round trip to the server' : text;
  }

  function showSaving() {
    const waiting = [...client.pending.values()].filter(({ sinceMs }) => Date.now() - sinceMs > SAVING_MS).length;
    saving.hidden = waiting === 0;
    if (waiting) fill(saving, h('span', { class: 'spinner spinner--small', 'aria-hidden': 'true' }), waiting === 1 ? 'Sending…' : `Sending ${waiting}…`);
  }

  function showPace() {
    const slower = client.clock.dilation;
    pace.hidden = slower < 1.05;
    narrowPace.textContent = pace.hidden ? '' : `${Math.round(100 / slower)} % · `;
    if (!pace.hidden) {
      pace.textContent = `Time at ${Math.round(100 / slower)} %`;
      pace.title = 'So much happens here that the world goes slower, for everybody alike. Nothing is lost.';
    }
  }

  const every = () => { showConnection(); showSaving(); showPace(); };
  const timer = setInterval(every, EVERY_MS);
  const offs = [
    client.on('state', showConnection), client.on('dilation', showPace), client.on('welcome', showPlayer), client.on('entered', () => { showPlayer(); showPace(); }),
    client.on('notification', ({ notice }) => { if (notice.renamed) showPlayer(); }),
    game.watch((state) => { showFigures(state); showPlayer(); }),
  ];
  every();
  return { element, showPlayer, stop: () => { clearInterval(timer); offs.forEach((off) => off()); } };
}
