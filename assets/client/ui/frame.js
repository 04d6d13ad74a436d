// The window of the game: the picture below, around it the bars, the panels, what the operators and the connection have to say, and the first steps.
//
//   const frame = buildFrame(root, game, {panels, session, reconnect, logOut});   frame.stop()

import { claimDialog } from '../account/claim.js';
import { announcements } from './announcements.js';
import { connectionBanner } from './connection.js';
import { confirmDialog, openDialog } from './dialog.js';
import { fill, h } from './dom.js';
import { createGuide } from './guide.js';
import { showHelp } from './help.js';
import { icon } from './icons.js';
import { keys } from './keys.js';
import { words } from './notices.js';
import { playerCard } from './player_card.js';
import { panelButtons } from './rail.js';
import { showSettings } from './settings_dialog.js';
import { sidePanel } from './side.js';
import { topBar } from './top_bar.js';

/** Windows in which an open panel leaves nothing of the picture, or too little to fly by. */
const SMALL = matchMedia('(max-width: 700px), (max-height: 500px)');

export function buildFrame(root, game, { panels, session, reconnect, logOut }) {
  const { client } = game;
  const view = h('div', { class: 'frame__view' });
  const buttons = panelButtons(panels, toggle);
  const side = sidePanel(game, panels, { changed: panelChanged });
  const top = topBar(game, { openMenu, openPanel: toggle, showOwnCard: () => game.selectPlayer(client.player, client.name) });
  const connection = connectionBanner(client);
  const told = announcements(client);
  const guide = createGuide(game);
  const extras = h('div', {});
  const frame = h('div', { class: 'frame' },
    top.element, buttons.rail, h('main', { class: 'frame__main', 'aria-label': 'The sector' }, view),
    h('div', { class: 'banners' }, connection.element, told.element), guide.element, extras, side.element, buttons.bottom, buttons.tip);
  top.element.prepend(h('a', { class: 'frame__skip', href: '#', on: { click: (event) => { event.preventDefault(); game.view?.focus(); } } }, 'Skip to the map'));
  fill(root, frame);

  game.open = (key, params) => side.open(key, params);
  game.close = () => side.close();
  game.showPicture = () => { if (SMALL.matches) side.close(); };
  game.selectPlayer = (id, name) => playerCard(game, id, name);

  function toggle(key) {
    if (side.current === key) side.close();
    else side.open(key);
  }

  function panelChanged(key) {
    buttons.select(key);
    frame.classList.toggle('frame--open', key !== null);
    history.replaceState(null, '', key ? `#${key}` : location.pathname + location.search);
  }

  function openMenu() {
    const dialog = openDialog({ title: client.name });
    const item = (name, label, run) => h('button', { type: 'button', class: 'menu__item', on: { click: () => { dialog.close(); run(); } } }, icon(name), label);
    dialog.setBody(h('div', { class: 'menu' },
      session.account?.guest && item('account', 'Keep this account', claim),
      item('map', 'Map of the galaxy', () => game.view?.showGalaxy()),
      item('notifications', 'Notifications', () => side.open('notifications')),
      item('settings', 'Settings', settings),
      item('help', 'Help and keys', help),
      item('leave', 'Log out', leave)));
  }

  async function claim() {
    const account = await claimDialog(session, client.name);
    if (!account) return;
    client.name = account.name;
    client.guest = false;
    top.showPlayer();
  }

  const settings = () => showSettings(game, { reconnect });
  const help = () => showHelp({ restartGuide: () => guide.restart() });

  async function leave() {
    const text = session.account?.guest
      ? 'You play as a guest. Without a name and a password nobody can log in to this account again: your ship, credits and goods are lost. Choose “Keep this account” in the menu first if you want to come back.'
      : 'Your ship leaves space. What you own is kept.';
    if (await confirmDialog({ title: 'Log out?', text, yes: 'Log out', danger: Boolean(session.account?.guest) })) logOut();
  }

  const offs = [
    keys.add({ key: '?', label: 'This help', run: help }),
    keys.add({ key: 'Escape', label: 'Close the panel', run: () => side.close() }),
    ...panels.filter(({ shortcut }) => shortcut).map((panel) => keys.add({ key: panel.shortcut, label: panel.title, run: () => toggle(panel.key) })),
    client.on('notification', ({ notice }) => {
      const { text, level, panel, params } = words(notice, game);
      game.toast(text, { level, action: panel && side.current !== panel && side.current !== 'notifications' ? { label: 'Show', run: () => side.open(panel, params) } : undefined });
    }),
    game.watch(({ unread }) => buttons.count('notifications', unread)),
  ];

  return {
    view, extras,
    count: (key, number) => buttons.count(key, number),
    openPanel: () => side.current,
    /** Opens the panel that the address names, after a reload. */
    restore() {
      const key = location.hash.slice(1);
      if (panels.some((panel) => panel.key === key)) side.open(key);
    },
    stop() {
      side.stop();
      [top, connection, told, guide].forEach((part) => part.stop());
      offs.forEach((off) => off());
    },
  };
}
