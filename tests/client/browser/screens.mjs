// Every panel with its tabs, the galaxy, the dialogs: nothing fails, no error, nothing sticks out at the side, and everybody can use it. The window's width is the argument.

import { accessible, fits } from '../../support/browser/accessible.mjs';
import { check, closePanel, menu, panel, picture, playAsGuest, run } from './lib/page.mjs';
import { collect } from './lib/play.mjs';

const width = Number(process.argv[2] ?? 1280);

await run(async ({ open }) => {
  const { page } = await open({ width, calm: true });
  await playAsGuest(page, `Looker ${width}`);
  await collect(page, 'ice', 3);
  const look = async (title) => {
    await page.waitForFunction(() => ![...document.querySelectorAll('[aria-busy=true], .loading')].some((note) => note.checkVisibility()));
    const failures = await page.locator('.failure').allTextContents();
    check(failures.length === 0, `${title}: ${failures.join('; ')}`);
    await accessible(page, `${title} at ${width}`);
    await fits(page, `${title} at ${width}`);
    await picture(page, `${title}-${width}`);
  };
  await look('sector');
  const titles = await page.evaluate(() => [...document.querySelectorAll('nav.rail button')].map((button) => button.getAttribute('aria-label').replace(/, .*/, '')));
  check(titles.length >= 12, `only ${titles.length} panels`);
  for (const title of titles) {
    const section = await panel(page, title);
    await look(title.replaceAll(' ', '-').toLowerCase());
    const tabs = await section.getByRole('tab').all();
    for (const [index, tab] of tabs.entries()) {
      if (index === 0) continue;
      await tab.click();
      await look(`${title.replaceAll(' ', '-').toLowerCase()}-${index}`);
    }
    await closePanel(page);
  }
  await page.getByRole('button', { name: 'In sight', exact: true }).click();
  await look('in-sight');
  await page.getByRole('button', { name: 'In sight', exact: true }).click();
  for (const [item, name] of [['Map of the galaxy', 'galaxy'], ['Settings', 'settings'], ['Help and keys', 'help'], ['Keep this account', 'keep'], ['Log out', 'log-out']]) {
    await menu(page, item);
    await page.getByRole('dialog').waitFor();
    await look(name);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await page.getByRole('button', { name: /, your player card$/ }).click();
  await page.getByRole('dialog').waitFor();
  await look('own-card');
});
