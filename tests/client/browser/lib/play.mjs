// What a player does, in the page's own words: flying, collecting, and what is done in the panels. Used by the long scripts.

import { PATIENCE_MS, check, inHold, panel, told, until } from './page.mjs';

/** When a button that did nothing is pressed again. */
const AGAIN_MS = 2_000;

export const HUB = { key: 'luna_exchange', name: 'Luna Exchange' };

/** Waits until a function of the page's handle, given as in page.evaluate, is true. */
export const inPage = (page, isSo, argument) => page.waitForFunction(isSo, argument, { polling: 100 });

/** Waits until the ship has left a place, however short the way is. */
export const away = (page, [x, y]) => inPage(page, ([fromX, fromY]) => {
  const at = globalThis.orrery.game.position();
  return at !== null && (at[0] !== fromX || at[1] !== fromY);
}, [x, y]);

export const resting = (page) => inPage(page, () => {
  const { client } = globalThis.orrery;
  const ship = client.picture.ships.get(client.world.ship);
  return client.clock.tick() > ship.course.arrives + 2;
});

export const position = (page) => page.evaluate(() => globalThis.orrery.game.position());

/** Clicks, or taps, into space. */
export async function pointAt(page, x, y) {
  if (await page.evaluate(() => matchMedia('(pointer: coarse)').matches)) await page.touchscreen.tap(x, y);
  else await page.mouse.click(x, y);
}

/** Chooses a hub in the list of what is in sight, and waits until it is in reach. */
export async function flyToHub(page, hub = HUB) {
  const list = page.getByRole('region', { name: 'In sight', exact: true });
  if (!(await list.isVisible())) await page.getByRole('button', { name: 'In sight', exact: true }).click();
  await list.getByRole('button', { name: 'Hubs, gates' }).click();
  await list.getByRole('button', { name: `Fly to ${hub.name}` }).click();
  await inPage(page, (key) => globalThis.orrery.game.state.hub === key, hub.key);
  await resting(page);
  await page.getByRole('button', { name: 'In sight', exact: true }).click();
}

/** Collects by the button at the bottom until there is so much of an item in the hold. */
export async function collect(page, item, pieces) {
  const patience = Date.now() + PATIENCE_MS;
  const button = page.getByRole('group', { name: 'Ship' }).getByRole('button', { name: /^Collect / });
  while ((await inHold(page, item)) < pieces) {
    const before = await inHold(page, item);
    await button.click();
    // Somebody else may have been faster; then it is the next one's turn.
    const pressAgain = Date.now() + AGAIN_MS;
    while ((await inHold(page, item)) === before && Date.now() < pressAgain) await page.waitForTimeout(250);
    check(Date.now() < patience, `only ${before} ${item} are collected`);
  }
  await settled(page);
}

/** A form of a panel: fills fields by their labels and sends it when its button allows. */
export async function deal(section, form, fields, button) {
  const element = section.getByRole('form', { name: form });
  for (const [label, value] of Object.entries(fields)) await element.getByLabel(label).first().fill(String(value));
  const send = element.getByRole('button', { name: button });
  await until(`${form} can be sent`, async () => (await send.getAttribute('aria-disabled')) !== 'true');
  await send.click();
}

export async function sell(page, name, pieces) {
  const ship = await panel(page, 'Ship and hold');
  await ship.getByRole('tab', { name: 'Hold' }).click();
  await ship.getByRole('button', { name, exact: true }).click();
  await deal(ship, `Sell ${name} to the hub`, { 'Pieces to sell': pieces }, `Sell to ${HUB.name}`);
  await told(page, new RegExp(`^Sold ${pieces} ${name} for`));
}

/** Opens the market of one item. */
export async function market(page, name) {
  const section = await panel(page, 'Market');
  const back = section.getByRole('button', { name: 'Back to all goods' });
  if (await back.isVisible()) await back.click();
  await section.getByLabel('Show').selectOption({ label: 'All goods' });
  await section.getByLabel('Search').fill(name);
  await section.getByRole('button', { name, exact: true }).click();
  await section.getByRole('heading', { name, exact: true }).waitFor();
  return section;
}

/** Offers goods in the market that is open; does not wait for the answer. */
export async function offer(section, name, quantity, price) {
  await section.getByRole('radio', { name: 'Sell' }).check({ force: true });
  await deal(section, `Order of ${name}`, { Pieces: quantity, Price: price }, `Offer ${name}`);
}

/** Buys from the offer at a price in the market that is open; does not wait for the answer. */
export async function buy(section, name, quantity, price) {
  await section.getByRole('button', { name: `Buy from this offer at ${price}` }).first().click();
  await deal(section, `Buy ${name} at ${price}`, { 'Pieces to buy': quantity }, 'Buy now');
}

/** Waits until nothing is under way and the connection stands. */
export const settled = (page) => inPage(page, () => globalThis.orrery?.client.state.phase === 'online' && globalThis.orrery.client.pending.size === 0 && globalThis.orrery.client.world !== null);

/** Waits until an economic command is under way. */
export const underWay = (page) => inPage(page, () => globalThis.orrery.client.pending.size > 0);
