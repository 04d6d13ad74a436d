// Two operators at once: who confirms what another one has changed meanwhile is told so, nothing happens, and it goes on from the current state.

import assert from 'node:assert/strict';
import { get, go, logIn, picture, run } from './lib/console.mjs';
import { close, confirm, done, preview } from './lib/dialog.mjs';
import { comeIn } from './lib/game.mjs';

await run(async ({ open }) => {
  const [first, second] = [await open(), await open()];
  const player = await comeIn();
  const name = `Renamed ${player.id.slice(-8)}`;
  for (const { page } of [first, second]) {
    await logIn(page);
    await go(page, `/players/${player.id}`, player.name);
  }
  const { page } = first;
  const stored = async () => (await get(page, `/players/${player.id}`)).body;
  await page.getByRole('button', { name: 'Rename…' }).click();
  await preview(page, { 'New name': name });

  await second.page.getByRole('button', { name: 'Mute…' }).click();
  await preview(second.page, { 'What the player is told': 'Quiet, please' });
  await confirm(second.page, 'Mute', 'Insults');
  await done(second.page);

  first.expect(412);
  await confirm(page, 'Rename', 'An offensive name');
  await page.getByText('Somebody changed this meanwhile.').waitFor();
  await picture(page, 'stale-edit', { fullPage: false });
  const between = await stored();
  assert.equal(between.name, player.name, 'nothing was changed');
  assert.ok(between.mute);

  await page.getByRole('button', { name: 'Load the current state' }).click();
  await page.getByRole('dialog').getByLabel('Reason').waitFor();
  await confirm(page, 'Rename', 'An offensive name');
  await done(page);
  await close(page);
  assert.equal((await stored()).name, name);
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await player.leave();
});
