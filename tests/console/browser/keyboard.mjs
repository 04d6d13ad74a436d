// Without a mouse: log-in, the players' list, a player, a dialog, and out of it again. Focus is always somewhere that can be seen.

import { check, name, password, picture, run } from './lib/console.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };

  await page.getByLabel('Name', { exact: true }).waitFor();
  check(await focused(page, 'input[autocomplete=username]'), 'the log-in does not begin in the field for the name');
  await page.keyboard.type(name);
  await press('Tab');
  await page.keyboard.type(password);
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

  await press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  const keys = await page.getByRole('dialog').locator('dt').evaluateAll((all) => all.map((entry) => [...entry.children].map((key) => key.textContent).join(' ')));
  check(keys.length > 15 && new Set(keys).size === keys.length, `two things have the same keys: ${keys}`);
  await picture(page, 'keyboard-help', { fullPage: false });
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await press('g', 'p');
  await page.getByRole('heading', { level: 1, name: 'Players' }).waitFor();
  const rows = page.locator('main tbody tr');
  await rows.first().waitFor();
  await tabUntil(page, 'main tbody tr, main tbody a');
  await picture(page, 'keyboard-row', { fullPage: false });
  await press('Enter');
  await page.waitForFunction(() => /^#\/players\/.+/.test(location.hash));

  await page.locator('main .actions button').first().waitFor();
  const opener = await tabUntil(page, 'main .actions button');
  await press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (let count = 0; count < 12; count += 1) {
    await press('Tab');
    const inside = await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null);
    check(inside, 'focus leaves the dialog');
  }
  await picture(page, 'keyboard-dialog', { fullPage: false });
  await press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const back = await page.evaluate(() => document.activeElement.textContent);
  check(back === opener, `focus is on “${back}” after the dialog, not on “${opener}”`);

  await press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type('audit');
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
});

function focused(page, selector) {
  return page.evaluate((wanted) => document.activeElement.matches(wanted), selector);
}

/** Tabs on until focus is on a match, and sees that each stop shows its focus; returns its text. */
async function tabUntil(page, selector) {
  for (let count = 0; count < 80; count += 1) {
    await page.keyboard.press('Tab');
    const shown = await page.evaluate(() => document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none');
    check(shown, `focus cannot be seen on ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120))}`);
    if (await focused(page, selector)) return page.evaluate(() => document.activeElement.textContent);
  }
  throw new Error(`the tab key does not reach ${selector}`);
}
