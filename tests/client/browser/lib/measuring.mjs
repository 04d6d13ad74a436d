// A browser for measurements: a guest in the game, who flies to nothing, and the browser's own counters.

import { chromium } from 'playwright-core';
import { playAsGuest } from './page.mjs';

export async function open(width) {
  const { GAME_URL, CHROMIUM = '/usr/bin/chromium', SOFTWARE } = process.env;
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', ...(SOFTWARE ? ['--disable-gpu'] : [])];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  const context = await browser.newContext({ viewport: { width, height: 800 } });
  const page = await context.newPage();
  await page.goto(GAME_URL);
  await playAsGuest(page);
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.enable');
  return { browser, page, session };
}
