// The map is live: between two frames of the display ships have moved, and between two seconds the server's picture has. A ship can be chosen by keys.

import { check, get, go, logIn, picture, run } from './lib/console.mjs';

await run(async ({ open }) => {
  const { page } = await open();
  await courses(page);
  await logIn(page);
  const worlds = (await get(page, '/worlds')).body.items;
  const world = worlds.reduce((best, one) => (one.ships > best.ships ? one : best));
  check(world.ships > 0, 'no bot flies');
  await go(page, `/galaxy?world=${world.key}`, 'Galaxy');
  await flying(page, world.key);
  const map = page.locator('canvas.starmap');

  // Only what is drawn between two frames counts: no request can have come in between them each time.
  const moved = await map.evaluate(async (canvas) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(canvas.toDataURL())));
    let [changes, before] = [0, await frame()];
    for (let count = 0; count < 60; count += 1) {
      const now = await frame();
      if (now !== before) changes += 1;
      before = now;
    }
    return changes;
  });
  check(moved >= 20, `of 60 frames only ${moved} differ from the one before`);

  const first = (await get(page, `/worlds/${world.key}/picture`)).body;
  await page.waitForFunction(async ([key, tick]) => (await (await fetch(`console/api/v1/worlds/${key}/picture`)).json()).tick > tick, [world.key, first.tick]);

  await map.focus();
  await page.keyboard.press('n');
  const chosen = page.locator('.map-side .ship-name a');
  await chosen.waitFor();
  const pilot = await chosen.textContent();
  check(first.ships.some((ship) => ship.name === pilot), `${pilot} is not one of the ships`);
  await page.getByRole('button', { name: 'Entities' }).click();
  await page.locator('.legend-scale').waitFor();
  await picture(page, 'galaxy-1280');
  await page.getByText('List of ships').click();
  await page.getByRole('table', { name: 'Ships in this world' }).getByRole('link', { name: pilot, exact: true }).waitFor();
  await map.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: pilot, exact: true }).waitFor();
});

/** A ship is followed along its course and no further; a new picture that disagrees draws it aside, never back and forth. */
async function courses(page) {
  const at = await page.evaluate(async () => {
    const { MovingPicture } = await import('./lib/picture.js');
    const moving = new MovingPicture();
    const ship = { player: 'a', x: 100, y: 100, vx: 2, vy: 0, arrives: 30 };
    const picture = (change, tick) => ({ tick, tick_ms: 50, size_units: 1000, ships: [{ ...ship, ...change }] });
    const x = (now) => moving.position(moving.ship('a'), now).x;
    moving.take(picture({}, 10), 0);
    const course = [x(0), x(500), x(1000), x(2000)];
    moving.take(picture({ x: 160, vx: 0 }, 40), 3000);
    const blended = [x(3000), x(3200), x(3400)];
    moving.take(picture({ x: 900, vx: 0 }, 60), 5000);
    return { course, blended, jumped: x(5000) };
  });
  check(JSON.stringify(at.course) === '[100,120,140,140]', `a course: ${at.course}`);
  check(JSON.stringify(at.blended) === '[140,150,160]', `towards another place: ${at.blended}`);
  check(at.jumped === 900, `through a gate: ${at.jumped}`);
}

/** Waits until a bot is under way. */
async function flying(page, key) {
  await page.waitForFunction(async (world) => {
    const { ships } = await (await fetch(`console/api/v1/worlds/${world}/picture`)).json();
    return ships.some((ship) => ship.vx !== 0 || ship.vy !== 0);
  }, key, { polling: 300 });
}
