// Moderation in one place: a report shows the line that was reported; who said it is muted and the report closed without leaving it.

import assert from 'node:assert/strict';
import { get, go, logIn, picture, run } from './lib/console.mjs';
import { close, confirm, done, preview } from './lib/dialog.mjs';
import { comeIn } from './lib/game.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  await logIn(page);
  const [rude, offended] = [await comeIn(), await comeIn()];
  const { seq } = await rude.ask('say', { channel: 'sector', text: 'get lost, all of you' });
  const { report } = await offended.ask('report', { channel: 'sector', seq, reason: 'insults' });

  await go(page, '/reports', 'Reports');
  const card = page.locator(`article[data-report="${report}"]`);
  await card.locator('.reported').getByText('get lost, all of you').waitFor();
  await picture(page, 'report');
  await card.locator('.toolbar').getByRole('button', { name: 'Mute…' }).click();
  await preview(page, { 'What the player is told': 'Please be kind' });
  await confirm(page, 'Mute', `Report ${report}`);
  await done(page);
  await page.getByRole('dialog').locator('.dialog-actions').getByRole('button', { name: 'Close' }).click();

  await page.getByRole('dialog', { name: `Close report #${report}` }).waitFor();
  assert.equal(await page.getByLabel('What came of it').inputValue(), 'muted');
  await preview(page);
  await confirm(page, 'Close the report', 'Muted for an hour');
  await done(page);
  await close(page);
  await card.getByRole('button', { name: 'Reopen…' }).waitFor();
  const closed = (await get(page, '/reports?state=closed&limit=100')).body.items.find((entry) => entry.seq === report);
  assert.equal(closed.resolution, 'muted');
  assert.ok((await get(page, `/players/${rude.id}`)).body.mute);
  await assert.rejects(rude.ask('say', { channel: 'sector', text: 'and again' }), /muted/);
  await rude.leave();
  await offended.leave();
});
