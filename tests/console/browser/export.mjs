// A player's data are saved as a file and then erased: only after the name was typed, and for good.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { get, go, logIn, picture, run } from './lib/console.mjs';
import { close, confirm, done } from './lib/dialog.mjs';
import { comeIn } from './lib/game.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  await logIn(page);
  const player = await comeIn();
  await player.leave();
  await go(page, `/players/${player.id}`, player.name);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
  assert.equal(download.suggestedFilename(), `player-${player.id}.json`);
  assert.match(await readFile(await download.path(), 'utf8'), new RegExp(player.name));
  const audit = async () => (await get(page, `/players/${player.id}/audit`)).body.items.map(({ action }) => action);
  assert.deepEqual(await audit(), ['export']);

  await page.getByRole('button', { name: 'Erase…' }).click();
  const field = page.getByRole('dialog').getByLabel(`Type the name ${player.name}`);
  await field.fill('Somebody else');
  await page.getByRole('button', { name: 'Preview' }).click();
  assert.ok(await field.evaluate((input) => input.validity.patternMismatch), 'another name is not enough');
  await field.fill(player.name);
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('This cannot be undone.').first().waitFor();
  await picture(page, 'erase', { fullPage: false });
  await confirm(page, 'Erase for good', 'Asked for by the player');
  await done(page);
  assert.equal(await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).count(), 0);
  await close(page);
  const left = (await get(page, `/players/${player.id}`)).body;
  assert.ok(left.erased_ms);
  assert.notEqual(left.name, player.name);
  assert.equal(left.credits, 0);
  await page.locator('.player-state').getByText('erased', { exact: true }).waitFor();
});
