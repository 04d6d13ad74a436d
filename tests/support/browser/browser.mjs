// A browser for the scripts that try the pages: windows that are watched, and pictures of them. What a page is like, its own tests tell
// (tests/client/browser/lib/page.mjs, tests/console/browser/lib/console.mjs); those open their windows with this.
//
// The environment says which: CHROMIUM; SCREENSHOTS is a folder for pictures (none: none are taken).
//
//   await run(async ({ open }) => {
//     const { context, page, expect } = await open(address, { viewport: { width: 390, height: 844 } });      options as of Playwright's newContext
//     await picture(page, 'market-390');
//   });
//
// Whatever a page writes to its console as an error or a warning, throws, or is stopped from by the content policy, fails the script at its end. An answer
// that a script provokes is named beforehand: expect(409); so is a connection that it cuts: expect('WebSocket').

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** The packages are installed beside this file; scripts elsewhere have them from here. */
export { default as WebSocket } from 'ws';

const { CHROMIUM = '/usr/bin/chromium', SCREENSHOTS } = process.env;
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'];
/** Widths have a height of their own, such as their devices have. */
const HEIGHT = { 390: 844 };
const OTHER_HEIGHT = 800;
/** How long something may take to come about; far longer than it ever should. */
export const PATIENCE_MS = 60_000;
const SETTLE_MS = 700;
const WORDS_MAX = 1500;

/** The browser itself; `software` draws without a GPU. */
export const launch = ({ software = true } = {}) => chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...(software ? ['--disable-gpu'] : [])] });

export const viewport = (width) => ({ width, height: HEIGHT[width] ?? OTHER_HEIGHT });

/** Runs a script in a browser; what went wrong is printed at its end, with what the windows showed, and the process fails. */
export async function run(script) {
  const browser = await launch();
  const faults = [];
  try {
    await script({ open: (address, options) => open(browser, faults, address, options) });
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

const words = (page) => page.evaluate((most) => document.body.innerText.replaceAll(/\s+/g, ' ').slice(0, most), WORDS_MAX).catch(() => '(gone)');

async function open(browser, faults, address, options) {
  const context = await browser.newContext(options);
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
  await page.goto(address);
  return { context, page, expect: (what) => expected.add(what) };
}

export function check(condition, text) {
  if (!condition) throw new Error(text);
}

/** Waits for a state of the server that no message tells: asks until it is so. */
export async function until(what, isSo, everyMs = 250) {
  const begun = Date.now();
  while (!(await isSo())) {
    check(Date.now() - begun < PATIENCE_MS, `waited in vain: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, everyMs); });
  }
}

function shot(title) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return join(SCREENSHOTS, `${title}.png`);
}

/** A picture of the window, if pictures are asked for: for people, so it waits until a moving screen has drawn something. */
export async function picture(page, title, { fullPage = false } = {}) {
  if (!SCREENSHOTS) return;
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: shot(title), fullPage });
}
