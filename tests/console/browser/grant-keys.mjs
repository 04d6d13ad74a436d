// A player is found and given something by keys alone; after the dialog the focus is where it was.

import assert from 'node:assert/strict';
import { get, logIn, run } from './lib/console.mjs';
import { done } from './lib/dialog.mjs';
import { comeIn } from './lib/game.mjs';

const TABS_MAX = 80;

await run(async ({ open }) => {
  const { page } = await open();
  await logIn(page);
  const player = await comeIn();
  const stored = async () => (await get(page, `/players/${player.id}`)).body.credits;
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };

  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await press('g', 'p');
  await page.getByRole('heading', { level: 1, name: 'Players' }).waitFor();
  await press('f');
  await page.keyboard.type(player.id);
  await press('Enter');
  await page.getByRole('tab', { name: 'Overview' }).waitFor();
  const before = await stored();

  await tabTo(page, 'Grant…');
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('12');
  await tabTo(page, 'Preview');
  await press('Enter');
  await page.getByRole('dialog').getByLabel('Reason').waitFor();
  await page.keyboard.type('By keys alone');
  await tabTo(page, 'Grant');
  await press('Enter');
  await done(page);
  assert.equal(await stored(), before + 12);
  await tabTo(page, 'Close');
  await press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Grant…');
  await player.leave();
});

/** Presses Tab until the button with this text has the focus. */
async function tabTo(page, text) {
  for (let count = 0; count < TABS_MAX; count += 1) {
    if (await page.evaluate(() => document.activeElement?.textContent.trim()) === text) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the tab key does not reach ${text}`);
}
