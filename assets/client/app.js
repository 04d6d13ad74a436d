// The page: start screen or game. Owns the connection's life from the log-in to the log-out, and what is kept in the browser so that a reload loses nothing.
//
// `window.orrery` is the page's handle for the browser's console and for tests: { client, game, view } while somebody plays.

import { createSession } from './account/session.js';
import { showStart } from './account/start.js';
import { createGame } from './game.js';
import { Api, Client, NetworkConditions } from './orrery.js';
import { economy } from './panels/economy/index.js';
import { social, startSocial } from './panels/social/index.js';
import { closedDialog, fatal } from './ui/connection.js';
import { buildFrame } from './ui/frame.js';
import { startKeys } from './ui/keys.js';
import { watchRestored } from './ui/restored.js';
import { createSettings } from './ui/settings.js';
import { local, tab } from './ui/store.js';
import { toast } from './ui/toast.js';
import { mountView } from './view/index.js';

const CLIENT_NAME = 'orrery-page/1';
const PENDING = 'orrery.pending';
const RESUMPTION = 'orrery.resumption';

const root = document.getElementById('app');
const settings = createSettings();
const net = new NetworkConditions({ latencyMs: settings.get('latencyMs'), jitterPercent: settings.get('jitterPercent') });
const api = new Api(location.origin);
const session = createSession(api);
let start = null;
let playing = null;
let connecting = null;

/** The start screen. */
function showStartScreen(notice) {
  start = showStart(root, { session, notice, enter, cancel: giveUp, token });
}

/** From the start screen, or by itself with the account that the browser keeps, into the game. */
async function enter(how) {
  const pending = how.guest ? [] : readStore(local, pendingKey(), []);
  const client = new Client({
    url: new URL('ws', location.href.replace(/^http/, 'ws')).href, encoding: settings.get('encoding'), name: CLIENT_NAME, socket: net.socket,
    pending,
  });
  connecting = client;
  const restored = watchRestored(client, pending);
  const offs = [
    client.on('pending', () => { if (client.player) local.setItem(pendingKey(client.player), JSON.stringify(client.savePending())); }),
    client.on('welcome', (welcome) => {
      if (!welcome.account) return session.learn(welcome);
      session.adoptGuest(welcome);
      return client.useToken(token);
    }),
    restored.off,
    client.on('state', (state) => {
      if (playing) return;
      if (state.phase === 'waiting' || state.phase === 'connecting') start?.connecting(state);
    }),
  ];
  try {
    const catalog = await api.catalog();
    if (connecting !== client) return;
    // Only now: what comes right after the welcome, such as how much is unread, finds the game there to hear it.
    await client.connect(how);
    if (connecting !== client) return;
    play(client, catalog, offs);
    restored.tell(playing.game);
  } catch (error) {
    offs.forEach((off) => off());
    client.close();
    // Somebody chose another way meanwhile.
    if (connecting !== client) return;
    connecting = null;
    throw error;
  }
}

function giveUp() {
  connecting?.close();
  connecting = null;
}

const token = (renew) => session.token({ renew });
const pendingKey = (player = session.account?.player) => `${PENDING}.${player}`;

function readStore(storage, key, otherwise) {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null') ?? otherwise;
  } catch {
    // Broken by hand.
    return otherwise;
  }
}

/** The game on a client that has been welcomed. */
function play(client, catalog, offs) {
  start?.close();
  start = null;
  connecting = null;
  const game = createGame({ client, api, catalog, settings, net });
  const frame = buildFrame(root, game, { panels: [...economy, ...social], session, reconnect: () => again(), logOut });
  const stopSocial = startSocial(game, frame);
  const view = mountView(frame.view, game);
  game.view = view;
  playing = { client, game, frame, view, stopSocial, offs };
  window.orrery = { client, game, view };
  let { catalog: version } = client.welcome;
  let { phase } = client.state;
  offs.push(client.on('state', (state) => {
    if (state.phase === 'closed' && phase !== 'closed') closed(state);
    ({ phase } = state);
  }));
  offs.push(session.whenEnded(() => { if (playing?.client === client) leave('Your log-in has ended. Please log in again.'); }));
  offs.push(client.on('welcome', (welcome) => {
    if (welcome.catalog === version) return;
    ({ catalog: version } = welcome);
    toast('The galaxy’s goods and rules have changed. Reload the page to see them.', { level: 'warn', action: { label: 'Reload', run: () => location.reload() } });
  }));
  game.refresh();
  frame.restore();
  if (client.state.phase === 'closed') closed(client.state);
}

/** The connection is over and does not come back by itself. */
async function closed(state) {
  const { client } = playing;
  if (state.code === 1000) return;
  if (state.code === 4001 && !session.account) return leave('Your log-in has ended. Please log in again.');
  const { choice, reload } = await closedDialog(state, playing.game.explain);
  if (playing?.client !== client) return;
  if (choice === 'leave') leave('');
  else if (reload) location.reload();
  // What goes wrong with it comes here again, as a state.
  else client.connect({ token }).catch(() => {});
}

/** Everything anew, for the same account: with another encoding. */
async function again() {
  stop();
  showStartScreen('');
  start.connecting({ phase: 'connecting' });
  await start.go({ token });
}

function stop() {
  if (!playing) return;
  const { client, game, frame, view, stopSocial, offs } = playing;
  playing = null;
  offs.forEach((off) => off());
  stopSocial();
  view.unmount();
  frame.stop();
  game.stop();
  client.close();
  delete window.orrery;
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
}

/** Back to the start screen; the account stays in the browser. */
function leave(notice) {
  stop();
  history.replaceState(null, '', location.pathname + location.search);
  showStartScreen(notice);
}

async function logOut() {
  playing.client.leave();
  stop();
  history.replaceState(null, '', location.pathname + location.search);
  await session.logout();
  showStartScreen('');
}

/** What a page that goes away leaves for the next one: the session to resume. */
addEventListener('pagehide', () => {
  const { resumption, player } = playing?.client ?? {};
  if (resumption) tab.setItem(RESUMPTION, JSON.stringify({ player, resumption }));
});

addEventListener('error', (event) => { if (event.error) troubled(event.error); });
addEventListener('unhandledrejection', (event) => {
  // What was refused has been told already.
  if (event.reason?.told || event.reason?.name === 'Refusal') return event.preventDefault();
  return troubled(event.reason);
});

function troubled(error) {
  if (playing || start) toast(`Something in the page went wrong: ${error?.message ?? error}`, { level: 'bad' });
  else fatal(root, error);
}

async function begin() {
  startKeys();
  showStartScreen('');
  if (!session.account) return;
  const kept = readStore(tab, RESUMPTION, null);
  tab.removeItem(RESUMPTION);
  await start.go(kept?.player === session.account.player ? { resume: kept.resumption, token } : { token });
}

begin().catch((error) => fatal(root, error));
