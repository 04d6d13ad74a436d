// The keyboard alone is enough: from the start screen to a sale, with what is focused always to be seen, and letters that are typed never taken for keys.

import assert from 'node:assert/strict';
import { PASSWORD, ask, check, credits, inGame, inHold, picture, run, told, until } from './lib/page.mjs';
import { away, inPage, position, resting } from './lib/play.mjs';

const TABS_MAX = 150;

await run(async ({ open }) => {
  const { page } = await open({ calm: true });
  const press = (key) => page.keyboard.press(key);
  const type = (text) => page.keyboard.type(text);
  const focused = () => page.evaluate(() => {
    const { activeElement: element } = document;
    const name = element.getAttribute('aria-label') ?? (element.labels?.[0] ?? element).textContent.trim();
    const style = getComputedStyle(element);
    const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return { name, marked, tag: element.tagName };
  });
  /** Goes on by Tab until a control with this name has the focus. */
  const tabTo = async (name, key = 'Tab') => {
    for (let count = 0; count < TABS_MAX; count += 1) {
      const now = await focused();
      if (name instanceof RegExp ? name.test(now.name) : now.name === name) {
        check(now.marked, `${now.name}: the focus is not to be seen`);
        return;
      }
      await press(key);
    }
    throw new Error(`${name} is not reached by ${key}`);
  };

  await tabTo('Play as guest');
  for (let count = 0; count < 3 && (await focused()).name !== 'Sign up'; count += 1) await press('ArrowRight');
  assert.equal((await focused()).name, 'Sign up');
  await press('Enter');
  await tabTo(/^Name/);
  await type('Key Ada');
  await tabTo(/^Password/);
  await type(PASSWORD);
  await press('Enter');
  await inGame(page);

  // A key does what its button says, so not before it says it.
  const offered = async (name) => {
    const button = page.getByRole('group', { name: 'Ship' }).getByRole('button', { name });
    await until(`${name} is offered`, async () => (await button.getAttribute('aria-disabled')) === 'false');
  };
  await offered(/^Collect /);
  await press('c');
  await until('something is collected', async () => (await inHold(page, 'ice')) > 0);

  await press('1');
  await page.getByRole('region', { name: 'Ship and hold' }).waitFor();
  await tabTo('Sell all Water ice');
  await picture(page, 'keyboard-sell');
  const before = await credits(page);
  await press('Enter');
  await told(page, /^Sold /);
  assert.ok((await credits(page)) > before);
  await press('Escape');
  await page.getByRole('region', { name: 'Ship and hold' }).waitFor({ state: 'hidden' });

  // What is typed is text: no ship flies off, no panel opens.
  await press('t');
  await page.getByRole('region', { name: 'Chat' }).waitFor();
  await tabTo(/message|say/i);
  const at = await page.evaluate(() => globalThis.orrery.game.position());
  await type('wasd 123 hello mc');
  await press('Enter');
  await page.getByRole('region', { name: 'Chat' }).getByText('wasd 123 hello mc').first().waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.orrery.game.position()), at);
  await page.getByRole('region', { name: 'Chat' }).waitFor();
  await press('Escape');
  if (await page.getByRole('region', { name: 'Chat' }).isVisible()) {
    await tabTo('Close the panel');
    await press('Enter');
  }
  await page.getByRole('region', { name: 'Chat' }).waitFor({ state: 'hidden' });

  await press('m');
  await page.getByRole('dialog').waitFor();
  await picture(page, 'keyboard-galaxy');
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press('?');
  await page.getByRole('dialog', { name: 'Help' }).waitFor();
  await press('Escape');

  const home = await position(page);
  await press('d');
  await away(page, home);
  await press(' ');
  await resting(page);

  // The list of what is in sight stands for the picture.
  await page.getByRole('main', { name: 'The sector' }).waitFor({ state: 'attached' });
  if (!(await page.getByRole('region', { name: 'In sight', exact: true }).isVisible())) {
    await tabTo('In sight');
    await press('Enter');
  }
  await tabTo('Hubs, gates');
  await press('Enter');
  await tabTo('Fly to Gate to Vega');
  await press('Enter');
  await offered(/^Jump to Vega/);
  await press('j');
  await inPage(page, () => globalThis.orrery.client.world?.key === 'vega');
  assert.ok((await ask(page, 'status')).lifetime.jumps > 0);
});
