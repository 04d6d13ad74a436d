// Closed for maintenance nobody comes in and those inside play on; open again, everybody comes in.

import assert from 'node:assert/strict';
import { get, go, logIn, picture, run } from './lib/console.mjs';
import { close, confirm, done, preview } from './lib/dialog.mjs';
import { comeIn } from './lib/game.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  await logIn(page);
  const inside = await comeIn();
  await go(page, '/maintenance', 'Maintenance');
  await page.getByRole('button', { name: 'Close…' }).click();
  await preview(page, { 'Message to players': 'Back in ten minutes' });
  await picture(page, 'maintenance-dry-run', { fullPage: false });
  assert.ok((await comeInAndLeave()).welcome, 'a dry run closes nothing');
  await confirm(page, 'Close', 'Update of the database');
  await done(page);
  await close(page);
  await page.locator('[data-mode="closed"]').waitFor();
  await picture(page, 'maintenance-closed');

  const refused = await comeIn();
  assert.equal(refused.welcome, null);
  assert.match(JSON.stringify(refused.messages), /Back in ten minutes/);
  assert.ok(await inside.ask('status'), 'who is inside plays on');

  await page.getByRole('button', { name: 'Open…' }).click();
  await page.getByRole('dialog').getByLabel('Reason').waitFor();
  await confirm(page, 'Open', 'The update is done');
  await done(page);
  await close(page);
  await page.locator('[data-mode="off"]').waitFor();
  assert.equal((await get(page, '/maintenance')).body.mode, 'off');
  assert.ok((await comeInAndLeave()).welcome);
  await inside.leave();
});

async function comeInAndLeave() {
  const player = await comeIn();
  await player.leave();
  return player;
}
