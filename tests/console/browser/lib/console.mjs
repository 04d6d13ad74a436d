// What every script uses: a browser, a page that is watched, log-in, a reader of the API, pictures.
//
// The environment says where: CONSOLE_URL, CONSOLE_NAME, CONSOLE_PASSWORD, GAME_URL (the players' listener), CHROMIUM; SCREENSHOTS is a folder for pictures
// (none: none are taken).
//
//   await run(async ({open}) => {
//     const {page, expectFailure} = await open({width: 390, scheme: 'dark'});      a new window, not logged in
//     await logIn(page);                                                            or logIn(page, {code})
//     await go(page, '/players', 'Players');                                        a screen and its heading
//     await picture(page, 'players');
//   });
//
// Whatever the page writes to its console as an error, throws, or is stopped from by the content policy, fails the script at its end. An answer that a script
// provokes (401, 412, …) is named beforehand: expectFailure(412).

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const { CONSOLE_URL, CONSOLE_NAME, CONSOLE_PASSWORD, CHROMIUM, SCREENSHOTS } = process.env;
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'];
const HEIGHT = { 1280: 800, 390: 844 };
/** How long something may take to come about; far longer than it ever should. */
export const PATIENCE_MS = 30_000;
const SETTLE_MS = 700;

export const name = CONSOLE_NAME;
export const password = CONSOLE_PASSWORD;

export async function run(script) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const faults = [];
  try {
    await script({ browser, open: (options) => open(browser, faults, options) });
  } catch (error) {
    faults.push(error.stack ?? String(error));
    for (const context of browser.contexts()) for (const page of context.pages()) await page.screenshot({ path: shot(`failure-${faults.length}`) ?? undefined }).catch(() => {});
  } finally {
    await browser.close();
  }
  if (faults.length > 0) {
    console.error(faults.join('\n'));
    process.exit(1);
  }
}

async function open(browser, faults, { width = 1280, scheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height: HEIGHT[width] ?? 800 }, colorScheme: scheme });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const expected = new Set();
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const status = /status of (\d+)/.exec(message.text())?.[1];
    if (status && expected.has(Number(status))) return;
    faults.push(`${page.url()}: console ${message.type()}: ${message.text()} ${message.location().url ?? ''}`);
  });
  // The policy reports to the page, too, what it stopped.
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`stopped by the policy: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(CONSOLE_URL);
  return { context, page, expectFailure: (status) => expected.add(status) };
}

/** Logs in; with a second factor `code` is asked for when it is needed. */
export async function logIn(page, { as = name, with: secret = password, code } = {}) {
  await page.getByLabel('Name', { exact: true }).fill(as);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Log in' }).click();
  if (code) {
    await page.getByLabel('Code', { exact: true }).fill(await code());
    await page.getByRole('button', { name: 'Log in' }).click();
  }
  await page.getByRole('navigation', { name: 'Screens', includeHidden: true }).first().waitFor({ state: 'attached' });
}

/** Goes to a screen by its address and waits until its heading is there and nothing loads any more. */
export async function go(page, path, heading) {
  await page.evaluate((target) => { location.hash = target; }, path);
  if (heading) await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.waitForFunction(() => ![...document.querySelectorAll('main .loading')].some((note) => note.checkVisibility()));
}

function shot(title) {
  if (!SCREENSHOTS) return null;
  mkdirSync(SCREENSHOTS, { recursive: true });
  return join(SCREENSHOTS, `${title}.png`);
}

/** A picture of the whole page, if pictures are asked for: for people, so it waits until a live screen has drawn something. */
export async function picture(page, title, { fullPage = true } = {}) {
  const path = shot(title);
  if (!path) return;
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path, fullPage });
}

export function check(condition, text) {
  if (!condition) throw new Error(text);
}

/** What the API answers to a GET with the page's own session. */
export function get(page, path) {
  return page.evaluate(async (address) => {
    const response = await fetch(`console/api/v1${address}`);
    return { status: response.status, etag: response.headers.get('etag'), body: await response.json() };
  }, path);
}
