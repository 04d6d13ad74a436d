// What the page knows of the sector is what the sector is: on a bad line, with connections lost twice, every position of every ship in its sight, exact to the
// step, as the operators' console shows the world; and at the end every object. ORRERY_CLIENT_SECONDS (15) says how long.

import assert from 'node:assert/strict';
import { playWithoutPage } from './lib/bot.mjs';
import { PATIENCE_MS, check, picture, playAsGuest, run, until } from './lib/page.mjs';
import { position } from './lib/play.mjs';

const { GAME_URL, CONSOLE_URL, OPERATOR_NAME, OPERATOR_PASSWORD, ORRERY_CLIENT_SECONDS = '15' } = process.env;
const SECONDS = Number(ORRERY_CLIENT_SECONDS);
const LINE = { latencyMs: 150, jitterPercent: 5 };
const BOTS = 12;
const TURN_MS = 900;
const LOOK_MS = 500;
const STEPS = 256;
/** How far around the page's ship everything must be known, in units: the interest radius less what the anchor may lag. */
const NEAR_UNITS = 150;

await run(async ({ open }) => {
  const { page } = await open();
  await playAsGuest(page, 'Watcher');
  await page.evaluate(record, LINE);
  const operator = await logIn();
  const bots = await Promise.all(Array.from({ length: BOTS }, (_, index) => bot(index)));
  // A ship is in its world a tick before the first frame that tells of it.
  await page.waitForFunction((count) => [...globalThis.orrery.client.picture.ships.values()].filter(({ name }) => name.startsWith('Turner ')).length === count, BOTS);
  const looks = [];
  const begun = Date.now();
  const drops = [SECONDS * 333, SECONDS * 666];
  const connections = () => page.evaluate(() => globalThis.recorded().connections);
  while (Date.now() - begun < SECONDS * 1000 || (await connections()) < 3) {
    if (drops.length > 0 && Date.now() - begun > drops[0] && (await connections()) === 3 - drops.length) {
      drops.shift();
      await page.evaluate(() => globalThis.orrery.game.net.drop());
    }
    check(Date.now() - begun < SECONDS * 1000 + PATIENCE_MS, 'the connection does not come back');
    looks.push(await operator.world('sol'));
    await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
  }
  const last = looks.at(-1).tick;
  await page.waitForFunction((tick) => globalThis.orrery.client.state.phase === 'online' && globalThis.orrery.client.picture.tick > tick + 40, last);
  const known = await page.evaluate(() => globalThis.recorded());
  let compared = 0;
  let moving = 0;
  for (const look of looks) {
    // What the page was not told of, while it was away, it could not know.
    if (!known.spans.some(([from, to]) => look.tick >= from && look.tick <= to)) continue;
    const own = look.ships.find(({ name }) => name === 'Watcher');
    for (const ship of look.ships) {
      if (Math.hypot(ship.x - own.x, ship.y - own.y) > NEAR_UNITS) continue;
      const course = known.courses[ship.name]?.findLast(({ departs, told }) => departs <= look.tick || told <= look.tick);
      assert.ok(course, `${ship.name} is in sight at tick ${look.tick} and not on the page`);
      const at = await place(course, look.tick);
      assert.deepEqual(at, [ship.x * STEPS, ship.y * STEPS], `${ship.name} at tick ${look.tick}: ${JSON.stringify(course)}`);
      compared += 1;
      if (ship.arrives > look.tick) moving += 1;
    }
  }
  check(compared >= SECONDS * 4 && moving >= SECONDS, `only ${compared} places were compared, ${moving} of them of ships under way`);
  await picture(page, 'bad-line');

  // At rest, all of it at once: the same ships, the same objects, at the same places.
  await Promise.all(bots.map((other) => other.stop()));
  const here = await position(page);
  await until('the page shows what there is', async () => {
    const world = await operator.world('sol');
    const near = ([x, y]) => Math.hypot(x - here[0], y - here[1]) <= NEAR_UNITS * STEPS;
    const expected = {
      ships: world.ships.map(({ name, x, y }) => [name, x * STEPS, y * STEPS]).filter(([, x, y]) => near([x, y])).sort(),
      objects: world.objects.map(({ id, kind, x, y }) => [id, kind, x * STEPS, y * STEPS]).filter(([, , x, y]) => near([x, y])).sort(),
    };
    const shown = await page.evaluate(() => globalThis.shown());
    const mine = { ships: shown.ships.filter(([, x, y]) => near([x, y])).sort(), objects: shown.objects.filter(([, , x, y]) => near([x, y])).sort() };
    return JSON.stringify(mine) === JSON.stringify(expected) && expected.ships.length > 1 && expected.objects.length > 0;
  });
  console.log(`${compared} places of ships were compared, ${moving} of them under way, at ${looks.length} ticks in ${SECONDS} s; ${JSON.stringify(await page.evaluate(() => globalThis.orrery.view.stats()))}`);
  bots.forEach((other) => other.leave());

  /** Where a ship on a course is, by the page's own arithmetic. */
  function place(course, tick) {
    return page.evaluate(async ([way, when]) => (await import('./orrery.js')).positionAt(way, when), [course, tick]);
  }
});

/** In the page: makes the line bad, and remembers every course that it is told, and when it was told without a gap. */
function record(line) {
  const { client, game } = globalThis.orrery;
  game.net.set(line);
  const courses = {};
  const spans = [];
  let connections = 1;
  const note = () => {
    const { ships, tick } = client.picture;
    if (spans.length === 0 || spans.at(-1)[2] !== connections) spans.push([tick, tick, connections]);
    spans.at(-1)[1] = tick;
    for (const { name, course } of ships.values()) {
      const list = courses[name] ??= [];
      const before = list.at(-1);
      if (before && before.departs === course.departs && before.arrives === course.arrives && String(before.to) === String(course.to)) continue;
      list.push({ ...course, told: tick });
    }
  };
  client.on('welcome', () => { connections += 1; });
  client.on('cells', note);
  note();
  globalThis.recorded = () => ({ courses, spans, connections });
  globalThis.shown = () => ({
    ships: [...client.picture.ships.values()].filter(({ course }) => course.arrives <= client.picture.tick).map(({ name, course }) => [name, ...course.to]),
    objects: [...client.picture.objects.values()].map(({ id, kind, at }) => [id, kind, ...at]),
  });
}

/** Another ship, on a good line, that turns all the time. */
async function bot(index) {
  const client = await playWithoutPage(`Turner ${index}`);
  let turn = index;
  const timer = setInterval(() => {
    turn += 1;
    const angle = (turn * 2.4) % (2 * Math.PI);
    const [x, y] = [1000 + Math.cos(angle) * 120, 1000 + Math.sin(angle) * 120];
    client.command('navigate', { to: [Math.round(x * STEPS), Math.round(y * STEPS)] }).catch(() => {});
  }, TURN_MS + index * 37);
  return {
    async stop() {
      clearInterval(timer);
      await client.command('navigate', { stop: true });
    },
    leave: () => client.leave(),
  };
}

/** An operator at the console, who sees the worlds as they are. */
async function logIn() {
  const api = `${CONSOLE_URL}/console/api/v1`;
  const response = await fetch(`${api}/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: OPERATOR_NAME, password: OPERATOR_PASSWORD }) });
  check(response.ok, `the console said ${response.status}`);
  const cookie = response.headers.get('set-cookie').split(';')[0];
  return { world: async (key) => (await fetch(`${api}/worlds/${key}/picture`, { headers: { cookie } })).json() };
}
