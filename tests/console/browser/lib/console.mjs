// What every script uses: windows of a browser (tests/support/browser/browser.mjs), log-in, a reader of the API, pictures.
//
// The environment says where: CONSOLE_URL, CONSOLE_NAME, CONSOLE_PASSWORD, GAME_URL (the players' listener); CHROMIUM and SCREENSHOTS.
//
//   await run(async ({open}) => {
//     const {page, expect} = await open({width: 390, scheme: 'dark'});      a new window, not logged in
//     await logIn(page);                                                     or logIn(page, {code})
//     await go(page, '/players', 'Players');                                 a screen and its heading
//     await picture(page, 'players');
//   });

import { picture as shoot, run as inBrowser, viewport } from '../../../support/browser/browser.mjs';

export { PATIENCE_MS, check } from '../../../support/browser/browser.mjs';

const { CONSOLE_URL, CONSOLE_NAME, CONSOLE_PASSWORD } = process.env;

export const name = CONSOLE_NAME;
export const password = CONSOLE_PASSWORD;

export const run = (script) => inBrowser(({ open }) => script({
  open: ({ width = 1280, scheme = 'light' } = {}) => open(CONSOLE_URL, { viewport: viewport(width), colorScheme: scheme }),
}));

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

/** A picture of the whole page, if pictures are asked for. */
export const picture = (page, title, { fullPage = true } = {}) => shoot(page, title, { fullPage });

/** What the API answers to a GET with the page's own session. */
export function get(page, path) {
  return page.evaluate(async (address) => {
    const response = await fetch(`console/api/v1${address}`);
    return { status: response.status, etag: response.headers.get('etag'), body: await response.json() };
  }, path);
}
