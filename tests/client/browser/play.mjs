// The whole game between two pages: sign up, fly, collect, sell, craft, trade, help a mission, and connections that are lost in mid-trade. In the end each wallet,
// hold and storage is what it must be, to the last credit. The window's width is the argument.

import assert from 'node:assert/strict';
import { ask, closePanel, credits, inGame, inHold, inStorage, logIn, panel, picture, playAsGuest, run, signUp, told, until } from './lib/page.mjs';
import { HUB, away, buy, collect, deal, flyToHub, inPage, market, offer, pointAt, position, resting, sell, settled, underWay } from './lib/play.mjs';

const width = Number(process.argv[2] ?? 1280);
const ICE_PRICE = 3;
const WATER_FEE = 2;
const PRICE = 15;
const SLOW_MS = 400;
const feeOf = (value) => Math.ceil((value * 5) / 1000);
const afterTax = (value) => value - Math.floor((value * 20) / 1000);

await run(async ({ open }) => {
  const [{ page: ada, context }, { page: bob }] = [await open({ width }), await open({ width })];
  await signUp(ada, `Ada ${width}`);
  await playAsGuest(bob, `Bob ${width}`);
  await picture(ada, `sector-${width}`);
  const wallet = { ada: await credits(ada), bob: await credits(bob) };
  const check = async (when) => assert.deepEqual({ ada: await credits(ada), bob: await credits(bob) }, wallet, when);

  // Fly: by pointing, and by keys until no hub is in reach; then back.
  const home = await position(ada);
  await pointAt(ada, width / 2 + 90, 250);
  await away(ada, home);
  await resting(ada);
  await ada.keyboard.down('d');
  await inPage(ada, () => globalThis.orrery.game.state.hub === null);
  await ada.keyboard.up('d');
  await ada.keyboard.press(' ');
  await resting(ada);
  await flyToHub(ada);
  await picture(ada, `hub-${width}`);

  await collect(ada, 'ice', 20);
  await collect(bob, 'ice', 6);
  await picture(ada, `collected-${width}`);
  let ice = await inHold(ada, 'ice');
  await sell(ada, 'Water ice', 5);
  await picture(ada, `sold-${width}`);
  wallet.ada += 5 * ICE_PRICE;
  ice -= 5;
  await check('what was sold is paid');
  assert.equal(await inHold(ada, 'ice'), ice);

  const crafting = await panel(ada, 'Crafting');
  await crafting.getByRole('button', { name: 'Water works', exact: true }).click();
  await deal(crafting, 'Craft Water works', { Runs: 2 }, /^Craft 4 /);
  await until('the water is made', async () => (await inStorage(ada, HUB.key, 'pure_water')) === 4);
  await picture(ada, `crafted-${width}`);
  wallet.ada -= 2 * WATER_FEE;
  ice -= 8;
  await check('the job is paid');
  assert.equal(await inHold(ada, 'ice'), ice);

  // Trade: one offers, the other sees it and buys.
  const water = await ada.evaluate(() => globalThis.orrery.game.name('item', 'pure_water'));
  const selling = await market(ada, water);
  const buying = await market(bob, water);
  await offer(selling, water, 3, PRICE);
  wallet.ada -= feeOf(3 * PRICE);
  await buy(buying, water, 1, PRICE);
  await told(bob, new RegExp(`^Bought 1 ${water}`));
  wallet.bob -= PRICE;
  wallet.ada += afterTax(PRICE);
  await until('the seller is paid', async () => (await credits(ada)) === wallet.ada);
  await check('a trade');
  await picture(ada, `trade-${width}`);
  await picture(bob, `bought-${width}`);

  // A mission: both see the score at once.
  for (const [page, item, name, pieces] of [[ada, 'ice', 'Water ice', 4], [bob, 'ice', 'Water ice', 2]]) {
    const missions = await panel(page, 'Missions');
    await missions.getByRole('button', { name: 'Ice run' }).click();
    await missions.getByRole('button', { name: 'Join this mission' }).click();
    const before = await inHold(page, item);
    await missions.getByLabel(`Pieces of ${name}`).fill(String(pieces));
    await missions.getByRole('button', { name: `Contribute ${name}` }).click();
    await told(page, new RegExp(`^Contributed ${pieces} ${name}`));
    assert.equal(await inHold(page, item), before - pieces);
  }
  ice -= 4;
  await (await panel(ada, 'Missions')).getByRole('row', { name: new RegExp(`Bob ${width}`) }).waitFor();
  await picture(ada, `mission-${width}`);
  await check('a mission costs goods alone');

  // Lost in mid-trade: before the server has heard of it, after it has, and with the page itself.
  const slow = (page, latencyMs) => page.evaluate((ms) => globalThis.orrery.game.net.set({ latencyMs: ms }), latencyMs);
  const drop = (page) => page.evaluate(() => globalThis.orrery.game.net.drop());
  const interrupted = await market(bob, water);
  for (const heard of [false, true]) {
    await slow(bob, SLOW_MS);
    await buy(interrupted, water, 1, PRICE);
    await underWay(bob);
    // The seller hears of the sale; the buyer's answer is still on its way.
    wallet.ada += afterTax(PRICE);
    if (heard) await until('the seller is paid', async () => (await credits(ada)) === wallet.ada);
    await drop(bob);
    await slow(bob, 0);
    await settled(bob);
    wallet.bob -= PRICE;
    await until('the seller is paid', async () => (await credits(ada)) === wallet.ada);
    await check(`a purchase that was interrupted ${heard ? 'after' : 'before'} the server heard of it`);
    await picture(bob, `interrupted-${heard}-${width}`);
  }
  assert.equal(await inStorage(bob, HUB.key, 'pure_water'), 3, 'each piece once');

  const again = await market(ada, water);
  await slow(ada, SLOW_MS);
  await offer(again, water, 1, PRICE + 5);
  await underWay(ada);
  await ada.reload();
  await inGame(ada);
  await settled(ada);
  wallet.ada -= feeOf(PRICE + 5);
  await check('an offer whose page was reloaded');
  const { orders } = await ask(ada, 'my_offers', { hub: HUB.key });
  assert.deepEqual(orders.map(({ item, price, open: left }) => [item, price, left]), [['pure_water', PRICE + 5, 1]], 'one order');
  assert.deepEqual([await inStorage(ada, HUB.key, 'pure_water'), await inHold(ada, 'ice')], [0, ice]);
  await picture(ada, `reloaded-${width}`);

  // Another browser finds the same.
  const elsewhere = await open({ width });
  await context.close();
  await logIn(elsewhere.page, `Ada ${width}`);
  assert.deepEqual([await credits(elsewhere.page), await inHold(elsewhere.page, 'ice')], [wallet.ada, ice]);
  const mine = await panel(elsewhere.page, 'My offers');
  await mine.getByRole('button', { name: /^Cancel the sale of 1 / }).click();
  await told(elsewhere.page, /^Order cancelled/);
  assert.equal(await inStorage(elsewhere.page, HUB.key, 'pure_water'), 1);
  await closePanel(elsewhere.page);
});
