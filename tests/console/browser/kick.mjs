// Who is kicked is sent away with close code 4003 and is told why; the entry stands in the audit log; the page says that nobody is there any more.
// Then the player's actor is restarted: tried first, as every change, and noted with its reason.

import assert from 'node:assert/strict';
import { get, go, logIn, picture, run } from './lib/console.mjs';
import { close, confirm, differences, done, number } from './lib/dialog.mjs';
import { comeIn } from './lib/game.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  await logIn(page);
  const player = await comeIn();
  await go(page, `/players/${player.id}`, player.name);
  await page.getByRole('button', { name: 'Kick…' }).click();
  await page.getByRole('dialog').getByLabel('What the player is told').fill('Please read the rules.');
  await page.getByRole('button', { name: 'Continue' }).click();
  await picture(page, 'kick', { fullPage: false });
  await confirm(page, 'Kick', 'Spams the market');
  await done(page);

  assert.equal((await player.closed).code, 4003);
  const bye = player.messages.find(([type]) => type === 'bye');
  assert.match(JSON.stringify(bye), /Please read the rules\./);
  const [entry] = (await get(page, `/players/${player.id}/audit`)).body.items;
  assert.deepEqual([entry.action, entry.reason], ['kick', 'Spams the market']);
  await close(page);
  await page.locator('.player-state').getByText('off line').waitFor();

  const target = `/audit?target=actor:player:${player.id}`;
  await go(page, `/actors?kind=player&text=${player.id}`, 'Actors');
  await page.locator('main tbody tr').filter({ hasText: player.name }).getByRole('button', { name: 'Restart' }).click();
  await page.getByRole('heading', { name: 'What will change' }).waitFor();
  await picture(page, 'restart-dry-run', { fullPage: false });
  const [before, after] = (await differences(page)).handled.map(number);
  assert.ok(before > 0 && after === 0, `${before} messages handled before, ${after} after`);
  assert.deepEqual((await get(page, target)).body.items, [], 'a dry run leaves no entry');
  await confirm(page, 'Restart', 'It seems to hang');
  await done(page);
  const [restart] = (await get(page, target)).body.items;
  assert.deepEqual([restart.action, restart.reason], ['restart', 'It seems to hang']);
  await close(page);
});
