// What every script uses: a browser, windows that are watched, and what one does in the page, in words. All wait for what they need.
//
// The environment says where: GAME_URL (the page and its server), CONSOLE_URL, OPERATOR_NAME, OPERATOR_PASSWORD, CHROMIUM; SCREENSHOTS is a folder for pictures
// (none: none are taken).
//
//   await run(async ({ open }) => {
//     const { page, expect } = await open({ width: 390 });      a new window, at the start screen
//     await signUp(page, 'Ada');                                 or playAsGuest, logIn
//     await panel(page, 'Market');                               opens a panel, and gives it
//     await picture(page, 'market-390');
//   });
//
// Whatever the page writes to its console as an error or a warning, throws, or is stopped from by the content policy, fails the script at its end. An answer
// that a script provokes is named beforehand: expect(409); so is a connection that it cuts: expect('WebSocket').

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const { GAME_URL, CHROMIUM, SCREENSHOTS } = process.env;
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'];
/** The two sizes that all must work at. */
export const WIDTHS = [1280, 390];
const HEIGHT = { 1280: 800, 390: 844 };
/** How long something may take to come about; far longer than it ever should. */
export const PATIENCE_MS = 60_000;
const SETTLE_MS = 700;
export const PASSWORD = 'correct horse battery staple';

export async function run(script) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const faults = [];
  try {
    await script({ browser, open: (options) => open(browser, faults, options) });
  } catch (error) {
    faults.push(error.stack ?? String(error));
    for (const [index, page] of browser.contexts().flatMap((context) => context.pages()).entries()) {
      faults.push(`a window of the failure: ${await words(page)}`);
      if (SCREENSHOTS) await page.screenshot({ path: shot(`failure-${index}`) }).catch(() => {});
    }
  } finally {
    await browser.close();
  }
  if (faults.length > 0) {
    console.error(faults.join('\n'));
    process.exit(1);
  }
}

const words = (page) => page.evaluate(() => document.body.innerText.replaceAll(/\s+/g, ' ').slice(0, 1500)).catch(() => '(gone)');

async function open(browser, faults, { width = 1280, calm = false, context: others = {} } = {}) {
  const narrow = width <= 700;
  const context = await browser.newContext({
    viewport: { width, height: HEIGHT[width] ?? 800 }, hasTouch: narrow, isMobile: narrow, reducedMotion: calm ? 'reduce' : 'no-preference', ...others,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const expected = new Set();
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const status = Number(/status of (\d+)/.exec(message.text())?.[1]);
    if (expected.has(status) || [...expected].some((text) => typeof text === 'string' && message.text().includes(text))) return;
    faults.push(`${page.url()}: console ${message.type()}: ${message.text()} ${message.location().url ?? ''}`);
  });
  // The policy reports to the page, too, what it stopped.
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`stopped by the policy: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(GAME_URL);
  await page.getByRole('heading', { level: 1, name: 'Orrery' }).waitFor();
  return { context, page, expect: (what) => expected.add(what) };
}

export function check(condition, text) {
  if (!condition) throw new Error(text);
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

/** Waits for a state of the server that no message tells: asks until it is so. */
export async function until(what, isSo) {
  const begun = Date.now();
  while (!(await isSo())) {
    check(Date.now() - begun < PATIENCE_MS, `waited in vain: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
}

function shot(title) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return join(SCREENSHOTS, `${title}.png`);
}

/** A picture of the window, if pictures are asked for: for people, so it waits until a moving screen has drawn something. */
export async function picture(page, title) {
  if (!SCREENSHOTS) return;
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: shot(title) });
}
