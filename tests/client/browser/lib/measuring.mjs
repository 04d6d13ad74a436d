// A browser for measurements: a guest in the game, who flies to nothing, and the browser's own counters.

import { launch, viewport } from '../../../support/browser/browser.mjs';
import { playAsGuest } from './page.mjs';

export async function open(width) {
  const { GAME_URL, SOFTWARE } = process.env;
  const browser = await launch({ software: Boolean(SOFTWARE) });
  const context = await browser.newContext({ viewport: viewport(width) });
  const page = await context.newPage();
  await page.goto(GAME_URL);
  await playAsGuest(page);
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.enable');
  return { browser, page, session };
}
