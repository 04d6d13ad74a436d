// The console: log-in or frame, and the screen that the address names. The address after # is the state: it can be shared and reloaded.

import { poll, whenSessionLost } from './lib/api.js';
import { fill, failure, h } from './lib/dom.js';
import { can, forget, resume, session } from './lib/session.js';
import { shortcuts, startShortcuts } from './lib/keys.js';
import { announce } from './lib/toast.js';
import { buildFrame } from './lib/frame.js';
import { showLogIn } from './screens/login.js';
import { screens } from './screens/index.js';

const app = document.getElementById('app');
const START = '/overview';
let frame = null;
let current = null;

/** The screen for a path, and the values of its `:parts`. */
function match(path) {
  for (const screen of screens) {
    const names = [];
    const pattern = screen.path.replace(/:(\w+)/g, (_, name) => {
      names.push(name);
      return '([^/]+)';
    });
    const found = new RegExp(`^${pattern}$`).exec(path);
    if (found) return { screen, params: Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1])])) };
  }
  return null;
}

function address() {
  const [path, query = ''] = location.hash.slice(1).split('?');
  return { path: path || START, query: new URLSearchParams(query) };
}

function leave() {
  if (!current) return;
  current.leaving.abort();
  current.removals.forEach((remove) => remove());
  try {
    current.unmount?.();
  } catch (error) {
    console.error(error);
  }
  current = null;
}

/** `again`: the same screen anew, under a dialog that may be open (it tells what was done and offers the way back). */
function show({ again = false } = {}) {
  // The skip link is not an address of a screen.
  if (location.hash === '#main') {
    history.replaceState(null, '', current ? `#${current.shown}` : `#${START}`);
    document.getElementById('main')?.focus();
    return;
  }
  if (!session.operator) return;
  leave();
  if (!again) closeDialogs();
  const { path, query } = address();
  const found = match(path);
  frame.select(path);
  const root = h('div', { class: 'screen' });
  fill(frame.content, root);
  frame.actions();
  if (!found || !can(found.screen.role)) {
    frame.title(found ? 'Not for your role' : 'Not found');
    fill(root, h('p', { class: 'state' }, found ? `This screen needs the role ${found.screen.role}.` : 'There is no such screen.'));
    return;
  }
  const { screen, params } = found;
  current = { leaving: new AbortController(), removals: [], unmount: null, shown: location.hash.slice(1) || START };
  frame.title(screen.title);
  mount(screen, root, params, context(current, query, path));
  if (again) return;
  window.scrollTo(0, 0);
  frame.focus();
  announce(screen.title);
}

function closeDialogs() {
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
}

function context(visit, query, path) {
  const { signal } = visit.leaving;
  return {
    signal, query, can, operator: session.operator,
    poll: (options) => poll({ ...options, signal }),
    go: (target) => { location.hash = target; },
    reload: () => { if (current === visit) show({ again: true }); },
    setTitle: (text) => { if (current === visit) frame.title(text); },
    actions: (...nodes) => { if (current === visit) frame.actions(...nodes); },
    shortcut: (entry) => visit.removals.push(shortcuts.add({ group: 'This screen', ...entry })),
    setQuery: (values) => {
      for (const [name, value] of Object.entries(values)) value === null || value === undefined || value === '' ? query.delete(name) : query.set(name, value);
      const text = query.toString();
      visit.shown = `${path}${text ? `?${text}` : ''}`;
      history.replaceState(null, '', `#${visit.shown}`);
    },
  };
}

async function mount(screen, root, params, ctx) {
  const visit = current;
  try {
    const unmount = await screen.mount(root, params, ctx);
    if (current === visit) visit.unmount = unmount;
    else unmount?.();
  } catch (error) {
    if (ctx.signal.aborted) return;
    console.error(error);
    fill(root, failure(error, ctx.reload));
  }
}

/** Who logs out leaves nothing for who comes next; whose session ends comes back to where he was. */
function loggedOut(notice) {
  history.replaceState(null, '', '#');
  logIn(notice);
}

function enter() {
  frame = buildFrame({ screens: screens.filter((screen) => screen.group && can(screen.role)), onLogOut: loggedOut });
  fill(app, frame.element);
  show();
}

function logIn(notice) {
  leave();
  closeDialogs();
  frame?.close();
  frame = null;
  forget();
  showLogIn(app, { notice, onLoggedIn: enter });
}

async function start() {
  try {
    if (await resume()) enter();
    else logIn();
  } catch (error) {
    fill(app, failure(error, start));
  }
}

whenSessionLost(() => { if (session.operator) logIn('The session has ended. Please log in again.'); });
window.addEventListener('hashchange', () => show());
startShortcuts();
start();
