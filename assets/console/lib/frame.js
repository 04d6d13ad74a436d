// The frame around every screen: navigation, header (search, health, theme, operator), banners. Used by app.js only.

import { api, poll } from './api.js';
import { badge, fill, h, link, newId } from './dom.js';
import { logOut, session } from './session.js';
import { shortcuts, showHelp } from './keys.js';
import { openPalette } from './palette.js';
import { openDialog } from './dialog.js';
import { time } from './format.js';
import { toast } from './toast.js';
import { watchIdle } from './idle.js';

const HEALTH_MS = 5000;
const BANNER_MS = 5000;
const MODES = { announced: 'Maintenance is announced', closed: 'Closed for maintenance', draining: 'Draining for maintenance' };
const GROUPS = ['Live', 'Players', 'Galaxy life', 'Machine room', 'Safety'];

export function buildFrame({ screens, onLogOut }) {
  const closing = new AbortController();
  const removals = [];
  const heading = h('h1', { tabindex: '-1' });
  const actions = h('div', { class: 'heading-actions' });
  const content = h('div', { class: 'content' });
  const banner = h('div', { class: 'banner', role: 'status', hidden: true });
  const health = h('a', { href: '#/health', class: 'health-dot' });
  const nav = navigation(screens);
  let told = '';
  const side = h('nav', { class: 'side', 'aria-label': 'Screens' }, brand(), nav.element);
  const element = h('div', { class: 'frame' }, side,
    h('div', { class: 'column' }, header(), banner,
      h('main', { id: 'main', tabindex: '-1' }, h('div', { class: 'heading' }, heading, actions), content)));

  function brand() {
    return h('a', { class: 'brand', href: '#/overview' }, h('img', { src: 'favicon.svg', alt: '', width: 22, height: 22 }), 'Orrery');
  }

  function header() {
    return h('header', { class: 'top' },
      h('button', { type: 'button', class: 'menu quiet', 'aria-label': 'Screens', on: { click: openMenu } }, '☰'),
      h('button', { type: 'button', class: 'search', on: { click: palette } }, h('span', {}, 'Go to', h('span', { class: 'more-words' }, ' a screen or player')), h('kbd', { 'aria-hidden': 'true' }, 'Ctrl K')),
      h('span', { class: 'spacer' }), health, themeSwitch(),
      h('button', { type: 'button', class: 'quiet', 'aria-label': 'Keys', title: 'Keys (?)', on: { click: showHelp } }, '?'),
      h('a', { class: 'who', href: '#/account' }, session.operator.name, ' ', badge(session.operator.role, 'info')),
      h('button', { type: 'button', class: 'quiet', on: { click: () => end() } }, 'Log out'));
  }

  function themeSwitch() {
    const button = h('button', { type: 'button', class: 'quiet theme', on: { click: () => { window.orreryTheme.next(); show(); } } });
    const show = () => {
      const theme = window.orreryTheme.current();
      fill(button, { system: '◐', light: '☀', dark: '☾' }[theme]);
      button.setAttribute('aria-label', `Colours: ${theme}`);
      button.title = `Colours: ${theme}`;
    };
    show();
    return button;
  }

  /** On narrow screens the navigation is a dialog. */
  function openMenu() {
    const list = navigation(screens);
    list.select(location.hash.slice(1));
    const dialog = openDialog({ title: 'Screens', body: h('nav', { 'aria-label': 'Screens' }, list.element), size: 'menu' });
    list.element.addEventListener('click', (event) => { if (event.target.closest('a')) dialog.close(); });
  }

  function palette() {
    const commands = screens.map(({ title, path, keys }) => ({ label: title, hint: keys ?? '', run: () => { location.hash = path; } }));
    commands.push({ label: 'My account', hint: 'password, second factor, tokens', run: () => { location.hash = '/account'; } },
      { label: 'Log out', run: () => end() }, { label: 'Change the colours', run: () => window.orreryTheme.next() }, { label: 'Keys', hint: '?', run: showHelp });
    openPalette(commands);
  }

  async function end(notice = 'You are logged out.') {
    try {
      await logOut();
      onLogOut(notice);
    } catch (error) {
      toast(error.message, 'bad');
    }
  }

  function keys() {
    removals.push(shortcuts.add({ keys: '?', label: 'This list', run: showHelp }),
      shortcuts.add({ keys: '/', label: 'Go to a screen or player', run: palette }), shortcuts.add({ keys: 'ctrl+k', label: 'Go to a screen or player', run: palette }));
    for (const { keys: sequence, title, path } of screens) {
      if (sequence) removals.push(shortcuts.add({ keys: sequence, label: title, group: 'Go to', run: () => { location.hash = path; } }));
    }
  }

  function showHealth({ health: { status, score } }) {
    fill(health, h('i', { class: `dot ${status}`, 'aria-hidden': 'true' }), h('span', {}, { ok: 'healthy', warn: 'warnings', fail: 'failing' }[status]), h('b', {}, score));
  }

  function showMaintenance(state) {
    const text = JSON.stringify([state.mode, state.message, state.starts_ms]);
    // Drawn only when it changes, so that a screen reader does not repeat it.
    if (text === told) return;
    told = text;
    banner.hidden = state.mode === 'off';
    banner.className = `banner ${state.mode === 'announced' ? 'info' : 'warn'}`;
    fill(banner, state.mode !== 'off' && [h('strong', {}, MODES[state.mode] ?? `Maintenance: ${state.mode}`),
      state.starts_ms && [' from ', time(state.starts_ms)], state.message && `: ${state.message}`, ' ', link('/maintenance', 'Look')]);
  }

  keys();
  removals.push(watchIdle(session.idle_seconds, () => end('You were logged out because nothing was done for a while.')));
  poll({
    every: HEALTH_MS, signal: closing.signal, load: (signal) => api.get('/overview', { signal }), onData: showHealth,
    onError: () => fill(health, h('i', { class: 'dot fail', 'aria-hidden': 'true' }), 'no answer'),
  });
  poll({ every: BANNER_MS, signal: closing.signal, load: (signal) => api.get('/maintenance', { signal }), onData: showMaintenance });

  return {
    element, content,
    select: nav.select,
    title: (text) => { fill(heading, text); document.title = `${text} · Orrery console`; },
    actions: (...nodes) => fill(actions, nodes),
    focus: () => heading.focus({ preventScroll: true }),
    close: () => { closing.abort(); removals.forEach((remove) => remove()); },
  };
}

function navigation(screens) {
  const links = new Map(screens.map((screen) => [screen.path, link(screen.path, screen.title)]));
  const names = [...new Set([...GROUPS, ...screens.map(({ group }) => group)])];
  const element = h('div', { class: 'nav-groups' }, names.map((group) => {
    const items = screens.filter((screen) => screen.group === group);
    const id = newId('nav');
    return items.length > 0 && h('div', {}, h('h2', { id }, group), h('ul', { 'aria-labelledby': id }, items.map(({ path }) => h('li', {}, links.get(path)))));
  }));
  const select = (path) => links.forEach((anchor, own) => {
    if (path === own || path.startsWith(`${own}/`) || path.startsWith(`${own}?`)) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  });
  return { element, select };
}
