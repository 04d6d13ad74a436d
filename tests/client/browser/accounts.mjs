// Coming in: as a guest who keeps the account later, by signing up, by logging in; what is refused is said in words, and a reload is not the end.

import assert from 'node:assert/strict';
import { accessible, fits } from '../../support/browser/accessible.mjs';
import { PASSWORD, WIDTHS, credentials, inGame, logIn, menu, picture, playAsGuest, run, signUp, told } from './lib/page.mjs';

await run(async ({ open }) => {
  for (const width of WIDTHS) {
    const name = `Ada ${width}`;
    const { context, page, expect } = await open({ width });
    for (const tab of ['Log in', 'Sign up', 'Play as guest']) {
      await page.getByRole('tab', { name: tab }).click();
      await accessible(page, `start: ${tab}`);
      await fits(page, `start: ${tab}`);
      await picture(page, `start-${tab.replaceAll(' ', '-').toLowerCase()}-${width}`);
    }
    const refused = async (tab, button, text, ...who) => {
      await credentials(page, tab, button, ...who);
      await page.getByRole('alert').filter({ hasText: text }).waitFor();
    };
    await refused('Sign up', 'Create account', 'at least 8 characters', name, 'short');
    await refused('Sign up', 'Create account', 'A name has 3 to 24', 'A', PASSWORD);
    expect(401);
    await refused('Log in', 'Log in', /password/i, name, 'not this password');
    await picture(page, `refused-${width}`);

    await signUp(page, name);
    const player = await page.evaluate(() => globalThis.orrery.client.player);
    await page.reload();
    await inGame(page);
    assert.equal(await page.evaluate(() => globalThis.orrery.client.player), player, 'a reload goes on');
    assert.ok(await page.evaluate(() => globalThis.orrery.client.welcome.resumed), 'with the session as it was');
    await logOut(page);
    await page.reload();
    await page.getByRole('tab', { name: 'Log in' }).waitFor();
    expect(409);
    await refused('Sign up', 'Create account', /taken/, name);
    await logIn(page, name);
    assert.equal(await page.evaluate(() => globalThis.orrery.client.player), player);

    // Somebody who takes the same ship elsewhere takes it over, and this page says so.
    const other = await open({ width });
    await logIn(other.page, name);
    const over = page.getByRole('dialog');
    await over.waitFor();
    await accessible(page, 'taken over');
    await picture(page, `taken-over-${width}`);
    await over.getByRole('button', { name: 'To the start' }).click();
    await page.getByRole('tab', { name: 'Log in' }).waitFor();
    await other.context.close();
    await context.close();

    const guest = await open({ width });
    await playAsGuest(guest.page, `Guest ${width}`);
    const was = await guest.page.evaluate(() => globalThis.orrery.client.player);
    await menu(guest.page, 'Keep this account');
    const keep = guest.page.getByRole('dialog', { name: 'Keep this account' });
    await keep.getByLabel('Name', { exact: true }).fill(`Kept ${width}`);
    await keep.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await keep.getByRole('button', { name: 'Keep it' }).click();
    await told(guest.page, /The account is yours/);
    await logOut(guest.page);
    await logIn(guest.page, `Kept ${width}`);
    assert.equal(await guest.page.evaluate(() => globalThis.orrery.client.player), was);
    await guest.context.close();
  }
});

async function logOut(page) {
  await menu(page, 'Log out');
  await page.getByRole('dialog', { name: 'Log out?' }).getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('tab', { name: 'Log in' }).waitFor();
}
