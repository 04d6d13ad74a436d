// A grant is tried, made and undone; before, after and after the undo page and API show the same, true figures.

import assert from 'node:assert/strict';
import { get, go, logIn, picture, run } from './lib/console.mjs';
import { close, confirm, differences, done, number, preview } from './lib/dialog.mjs';
import { comeIn } from './lib/game.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  await logIn(page);
  const player = await comeIn();
  const stored = async () => (await get(page, `/players/${player.id}`)).body;
  const shows = (credits) => page.waitForFunction((wanted) => document.querySelector('[data-figure="credits"]')?.textContent.replace(/[^0-9]/g, '') === wanted, String(credits));
  await go(page, `/players/${player.id}`, player.name);
  const { credits: before } = await stored();
  await shows(before);

  await page.getByRole('button', { name: 'Grant…', exact: true }).click();
  await page.getByRole('dialog').getByLabel('Item', { exact: true }).fill('ice');
  await page.getByRole('dialog').getByLabel('Quantity').fill('7');
  await preview(page, { Credits: 250 });
  await picture(page, 'grant-dry-run', { fullPage: false });
  const tried = await differences(page);
  assert.deepEqual(tried.credits.map(number), [before, before + 250]);
  assert.equal(tried['cargo › ice'][1], '7');
  assert.equal((await stored()).credits, before, 'a dry run changes nothing');

  await confirm(page, 'Grant', 'Lost in a crash');
  await done(page);
  await picture(page, 'grant-done', { fullPage: false });
  await shows(before + 250);
  const given = await stored();
  assert.deepEqual([given.credits, given.cargo.ice], [before + 250, 7]);

  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: 'What will change' }).waitFor();
  assert.deepEqual((await differences(page)).credits.map(number), [before + 250, before]);
  await confirm(page, 'Undo', 'Granted to the wrong player');
  await done(page);
  await shows(before);
  const undone = await stored();
  assert.deepEqual([undone.credits, undone.cargo.ice], [before, undefined]);
  const [undo, grant] = (await get(page, `/players/${player.id}/audit`)).body.items;
  assert.deepEqual([undo.undoes, grant.undone_by], [grant.seq, undo.seq]);
  await close(page);

  await page.getByRole('tab', { name: 'Ledger' }).click();
  const totals = page.locator('.tab-panel tbody tr').filter({ hasText: 'credits' }).locator('td[data-label="Afterwards"]');
  await totals.first().waitFor();
  assert.deepEqual((await totals.allTextContents()).slice(0, 2).map(number), [before, before + 250]);
  await picture(page, 'grant-ledger');
  await player.leave();
});
