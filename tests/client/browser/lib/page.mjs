// What every script uses: windows of a browser (tests/support/browser/browser.mjs), and what one does in the page, in words. All wait for what they need.
//
// The environment says where: GAME_URL (the page and its server), CONSOLE_URL, OPERATOR_NAME, OPERATOR_PASSWORD; CHROMIUM and SCREENSHOTS.
//
//   await run(async ({ open }) => {
//     const { page, expect } = await open({ width: 390 });      a new window, at the start screen
//     await signUp(page, 'Ada');                                 or playAsGuest, logIn
//     await panel(page, 'Market');                               opens a panel, and gives it
//     await picture(page, 'market-390');
//   });

import { run as inBrowser, viewport } from '../../../support/browser/browser.mjs';

export { PATIENCE_MS, check, picture, until } from '../../../support/browser/browser.mjs';

const { GAME_URL } = process.env;
/** The two sizes that all must work at. */
export const WIDTHS = [1280, 390];
const NARROW_MAX = 700;
export const PASSWORD = 'correct horse battery staple';

export const run = (script) => inBrowser(({ open }) => script({ open: (options) => openPage(open, options) }));

async function openPage(open, { width = 1280, calm = false, context = {} } = {}) {
  const narrow = width <= NARROW_MAX;
  const opened = await open(GAME_URL, { viewport: viewport(width), hasTouch: narrow, isMobile: narrow, reducedMotion: calm ? 'reduce' : 'no-preference', ...context });
  await opened.page.getByRole('heading', { level: 1, name: 'Orrery' }).waitFor();
  return opened;
}

const start = (page) => page.getByRole('main');

export async function credentials(page, tab, button, name, password = PASSWORD) {
  await start(page).getByRole('tab', { name: tab }).click();
  await start(page).getByLabel('Name', { exact: true }).fill(name);
  await start(page).getByLabel('Password', { exact: true }).fill(password);
  await start(page).getByRole('button', { name: button }).click();
}

export async function signUp(page, name) {
  await credentials(page, 'Sign up', 'Create account', name);
  await inGame(page);
}

export async function logIn(page, name, password) {
  await credentials(page, 'Log in', 'Log in', name, password);
  await inGame(page);
}

export async function playAsGuest(page, name = '') {
  await start(page).getByRole('tab', { name: 'Play as guest' }).click();
  await start(page).getByLabel('Name', { exact: true }).fill(name);
  await start(page).getByRole('button', { name: 'Start playing' }).click();
  await inGame(page);
}

/** Waits until the ship is in space and what the player owns is known. */
export async function inGame(page) {
  await page.getByRole('main', { name: 'The sector' }).waitFor({ state: 'attached' });
  await page.waitForFunction(() => {
    const { client, game } = globalThis.orrery ?? {};
    return client?.state.phase === 'online' && client.world && client.picture.ships.has(client.world.ship) && game.state.status !== null;
  });
}

/** Opens a panel by its button (or keeps it open) and gives its section. */
export async function panel(page, title) {
  const section = page.getByRole('region', { name: title, exact: true });
  if (await section.isVisible()) return section;
  const button = page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: new RegExp(`^${title}(,|$)`) });
  if (await button.isVisible()) await button.click();
  else {
    await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name: 'More' }).click();
    await page.getByRole('dialog', { name: 'Panels' }).getByRole('button', { name: new RegExp(`^${title}\\b`) }).click();
  }
  await section.waitFor();
  return section;
}

export async function closePanel(page) {
  await page.getByRole('button', { name: 'Close the panel' }).click();
}

export async function menu(page, item) {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: item, exact: true }).click();
}

/** A notice that says this. */
export async function told(page, text) {
  await page.getByRole('region', { name: 'Notices' }).getByText(text).first().waitFor();
}

/** What the server says of the player of this page, asked by the page's own connection; later, when the page has just asked much itself. */
export const ask = (page, type, body = {}) => page.evaluate(async ([question, fields]) => {
  for (;;) {
    try {
      return await globalThis.orrery.client.command(question, fields);
    } catch (error) {
      if (error.code !== 'rate_limited') throw error;
      await new Promise((resolve) => { setTimeout(resolve, error.retryAfterMs ?? 200); });
    }
  }
}, [type, body]);

export const credits = async (page) => (await ask(page, 'status')).credits;

/** Pieces of an item in the hold. */
export const inHold = async (page, item) => (await ask(page, 'status')).cargo.find((goods) => goods.item === item)?.quantity ?? 0;

/** Pieces of an item in the storage at a hub. */
export const inStorage = async (page, hub, item) => (await ask(page, 'storage')).items.find((goods) => goods.hub === hub && goods.item === item)?.quantity ?? 0;
