// Every screen of the navigation, at 1280 and 390 px, light and dark: its heading comes, nothing fails, no error, nothing sticks out at the side,
// and everybody can use it.

import { accessible, fits } from '../../support/browser/accessible.mjs';
import { check, go, logIn, picture, run } from './lib/console.mjs';

await run(async ({ open }) => {
  for (const width of [1280, 390]) {
    for (const scheme of ['light', 'dark']) {
      const { context, page } = await open({ width, scheme });
      await logIn(page);
      const screens = await page.locator('nav.side a[href^="#/"]:not(.brand)').evaluateAll((links) => links.map((link) => [link.getAttribute('href').slice(1), link.textContent]));
      check(screens.length >= 15, `only ${screens.length} screens are in the navigation`);
      for (const [path, title] of [...screens, ['/account', 'My account']]) await look(page, path, title, `${path.slice(1)}-${width}-${scheme}`);
      await context.close();
    }
  }
});

async function look(page, path, title, shot) {
  await go(page, path, title);
  const failures = await page.locator('main .failure').allTextContents();
  check(failures.length === 0, `${path}: ${failures.join('; ')}`);
  await fits(page, shot);
  await accessible(page, shot);
  await picture(page, shot);
}
