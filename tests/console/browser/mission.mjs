// A mission that an operator begins runs, is in the list, and can be ended; trying it out begins nothing.

import assert from 'node:assert/strict';
import { get, go, logIn, picture, run } from './lib/console.mjs';
import { close, confirm, done, preview } from './lib/dialog.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  await logIn(page);
  await go(page, '/missions', 'Missions');
  const running = async () => (await get(page, '/missions?limit=100')).body.items;
  const before = (await running()).map(({ mission }) => mission);
  const [kind] = (await get(page, '/mission-kinds')).body.items;

  await page.getByRole('button', { name: 'Begin a mission…' }).click();
  await preview(page, { Kind: kind.key });
  await picture(page, 'mission-dry-run', { fullPage: false });
  assert.deepEqual((await running()).map(({ mission }) => mission), before, 'a dry run begins nothing');
  await confirm(page, 'Begin', 'For the anniversary');
  await done(page);
  await close(page);
  const [begun] = (await running()).filter(({ mission }) => !before.includes(mission));
  assert.deepEqual([begun.kind, begun.state], [kind.key, 'running']);
  await page.locator(`tr[data-key="${begun.mission}"]`).waitFor();
  await picture(page, 'missions');

  await go(page, `/missions/${begun.mission}`, kind.name);
  await page.getByRole('button', { name: 'End it…' }).click();
  await page.getByRole('dialog').getByLabel('Reason').waitFor();
  await picture(page, 'mission-end', { fullPage: false });
  await confirm(page, 'End and pay', 'It was begun by mistake');
  await done(page);
  await close(page);
  // It is answered when its end is stored; what is paid then takes its time.
  while ((await running()).some(({ mission }) => mission === begun.mission)) await page.waitForTimeout(100);
});
