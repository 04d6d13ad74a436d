// The library against a real server: what a player does, and what must hold when the network fails in the middle of it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api, Client, NetworkConditions, Refusal, STEPS_PER_UNIT, positionAt, seededRandom } from '../../../assets/client/orrery.js';
import { BINARY, openSocket, startServer } from './server.js';

/** @typedef {import('../../../assets/client/orrery.js').Encoding} Encoding */

const PATIENCE_MS = 60_000;
const skip = BINARY ? false : 'ORRERY_BINARY names no program';
const PASSWORD = 'correct horse battery staple';

/** @type {import('./server.js').Server} */
let server;
/** @type {Client[]} */
const clients = [];

before(async () => {
  if (!skip) server = await startServer();
});
after(async () => {
  for (const client of clients) client.close();
  await server?.stop();
});

/**
 * @param {Partial<import('../../../assets/client/orrery.js').ClientOptions>} [options]
 */
function newClient(options = {}) {
  const client = new Client({ url: server.ws, socket: openSocket, name: 'tests/1', ...options });
  clients.push(client);
  return client;
}

/**
 * @param {Partial<import('../../../assets/client/orrery.js').ClientOptions>} [options]
 */
async function guest(options) {
  const client = newClient(options);
  await client.connect({ guest: {} });
  await until(client, 'cells', () => client.ship !== undefined);
  return client;
}

/**
 * Waits until something holds; looks again at each event of this type.
 * @param {Client} client
 * @param {string} event
 * @param {() => boolean} holds
 */
function until(client, event, holds) {
  return /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(new Error(`it never held: ${holds}`))), PATIENCE_MS);
    const off = client.on(event, () => holds() && finish(resolve));
    const finish = (/** @type {() => void} */ then) => {
      clearTimeout(timer);
      off();
      then();
    };
    if (holds()) finish(resolve);
  }));
}

/** @param {Client} client */
const ownShip = (client) => /** @type {import('../../../assets/client/orrery.js').SeenShip} */ (client.ship);

/** @param {Client} client */
function nearestObject(client) {
  const [x, y] = positionAt(ownShip(client).course, client.picture.tick);
  const far = ([atX, atY] = [0, 0]) => Math.hypot(atX - x, atY - y);
  return [...client.picture.objects.values()].reduce((one, other) => (far(other.at) < far(one.at) ? other : one));
}

/**
 * Flies there and waits until it has arrived by its own clock.
 * @param {Client} client
 * @param {[number, number]} to
 */
async function flyTo(client, to) {
  const { arrives } = await client.command('navigate', { to });
  await until(client, 'heartbeat', () => ownShip(client).course.arrives === arrives);
  while (client.clock.arriving() < arrives + 1) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** @param {Client} client */
const credits = async (client) => (await client.command('status')).credits;

describe('a player', { skip }, () => {
  for (const encoding of /** @type {Encoding[]} */ (['json', 'msgpack'])) {
    test(`comes as a guest, flies, collects and sells (${encoding})`, async () => {
      const client = await guest({ encoding });
      const catalog = await new Api(server.http).catalog();
      assert.match(client.player ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
      const object = nearestObject(client);
      await flyTo(client, object.at);
      assert.deepEqual(positionAt(ownShip(client).course, ownShip(client).course.arrives), object.at);
      const { item, quantity } = await client.command('collect', { object: object.id });
      assert.equal(item, catalog.objects[object.kind].item);
      await until(client, 'cells', () => !client.picture.objects.has(object.id));
      const hub = catalog.sectors[client.world?.key ?? ''].hubs[0];
      await flyTo(client, [hub.at[0] * STEPS_PER_UNIT, hub.at[1] * STEPS_PER_UNIT]);
      const [before, sold] = [await credits(client), await client.command('unload', { hub: hub.key, item, quantity })];
      assert.deepEqual([sold.hold, sold.stored, before], [0, quantity, 200]);
      await assert.rejects(client.command('collect', { object: object.id }), { code: 'object_gone' });
      client.leave();
      await until(client, 'state', () => client.state.phase === 'closed');
      assert.equal(client.state.code, 1000);
    });
  }

  test('who connects twice keeps the newer connection', async () => {
    const first = await guest();
    const second = newClient();
    await second.connect({ token: first.account?.access_token });
    await until(first, 'state', () => first.state.phase === 'closed');
    assert.deepEqual([first.state.code, first.state.reconnect, second.player], [4009, false, first.player]);
  });

  test('goes on in another page with what can be resumed', async () => {
    const first = await guest();
    const second = newClient();
    const { resumed } = await second.connect({ resume: first.resumption ?? undefined });
    assert.deepEqual([resumed, second.player, second.world?.ship], [true, first.player, first.world?.ship]);
  });

  test('who is not known is told so', async () => {
    const client = newClient();
    await assert.rejects(client.connect({ token: 'nonsense' }), { name: 'Refusal', code: 'not_authenticated' });
    assert.deepEqual([client.state.phase, client.state.code], ['closed', 4001]);
  });

  test('has an account over HTTP', async () => {
    const api = new Api(server.http);
    const registered = await api.register('Grace', PASSWORD);
    await assert.rejects(api.register('Grace', PASSWORD), { name: 'Refusal', code: 'name_taken' });
    await assert.rejects(api.login('Grace', 'wrong password'), { code: 'not_authenticated' });
    const tokens = await api.refresh((await api.login('Grace', PASSWORD)).refresh_token);
    const status = await api.get('me/status', {}, tokens.access_token);
    assert.deepEqual([status.name, registered.player], ['Grace', tokens.player]);
    await assert.rejects(api.command('research', { tech: 'nonsense' }, 4711, tokens.access_token), { code: 'unknown_tech' });
    await api.logout(tokens.refresh_token);
    await assert.rejects(api.refresh(tokens.refresh_token), { code: 'not_authenticated' });
    const unknown = await api.get('markets/nowhere').catch((error) => error);
    assert.ok(unknown instanceof Refusal);
    assert.deepEqual([unknown.code, unknown.details.status], ['unknown_hub', 404]);
    await assert.rejects(new Api('http://127.0.0.1:1').catalog(), { code: 'connection_lost' });
  });

  test('who came as a guest can claim the account', async () => {
    const client = await guest();
    const tokens = await new Api(server.http).claim('Hopper', PASSWORD, client.account?.access_token ?? '');
    assert.equal(tokens.player, client.player);
  });
});

/** In the middle of a cell, so that all who are there see the same cells. */
const MEETING = /** @type {[number, number]} */ ([1050 * STEPS_PER_UNIT, 1050 * STEPS_PER_UNIT]);

describe('the picture', { skip }, () => {
  test('is the same for two who see the same, at every tick, however late it comes', async () => {
    const net = new NetworkConditions({ socket: openSocket, latencyMs: 150, jitterPercent: 5, seed: 5 });
    const [near, far, flier] = [await guest(), await guest({ encoding: 'msgpack', socket: net.socket }), await guest()];
    await Promise.all([near, far, flier].map((client) => flyTo(client, MEETING)));
    const [seenNear, seenFar] = [byTick(near), byTick(far)];
    await roam(flier, 40);
    await until(far, 'heartbeat', () => far.picture.tick >= near.picture.tick);
    const shared = [...seenNear.keys()].filter((tick) => seenFar.has(tick));
    assert.ok(shared.length >= 20, `${shared.length} ticks`);
    for (const tick of shared) assert.deepEqual(seenFar.get(tick), seenNear.get(tick), `tick ${tick}`);
    assert.deepEqual([near.picture.fault, far.picture.fault], [null, null]);
  });

  test('is the same again after lost connections', async () => {
    const net = new NetworkConditions({ socket: openSocket, latencyMs: 40, jitterPercent: 5 });
    const [steady, shaky, flier] = [await guest(), await guest({ socket: net.socket }), await guest()];
    await Promise.all([steady, shaky, flier].map((client) => flyTo(client, MEETING)));
    /** @type {boolean[]} */
    const resumed = [];
    shaky.on('welcome', (welcome) => resumed.push(welcome.resumed));
    for (const silent of [false, true]) {
      const before = resumed.length;
      await roam(flier, 5);
      net.drop({ silent });
      await roam(flier, 5);
      await until(shaky, 'welcome', () => resumed.length > before);
    }
    assert.deepEqual(resumed, [true, true]);
    await roam(flier, 5);
    await flyTo(flier, MEETING);
    const isSame = () => JSON.stringify(view(shaky, Infinity)) === JSON.stringify(view(steady, Infinity));
    await until(shaky, 'heartbeat', isSame);
  });
});

/**
 * Changes the course every few ticks, through cells near and far.
 * @param {Client} client
 * @param {number} turns
 */
async function roam(client, turns) {
  const random = seededRandom(turns);
  const place = () => MEETING[0] + Math.floor((random() - 0.5) * 300 * STEPS_PER_UNIT);
  for (let turn = 0; turn < turns; turn++) {
    await client.command('navigate', { to: [place(), place()] });
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/**
 * What a client sees, where everything is at a tick.
 * @param {Client} client
 * @param {number} tick
 */
function view({ picture }, tick) {
  const byId = (/** @type {{ id: number }} */ one, /** @type {{ id: number }} */ other) => one.id - other.id;
  const ships = [...picture.ships.values()].map(({ id, cell, course, kind, name }) => ({ id, cell, kind, name, at: positionAt(course, tick), to: course.to }));
  return { cells: [...picture.cells].sort((one, other) => one - other), ships: ships.sort(byId), objects: [...picture.objects.values()].sort(byId) };
}

/**
 * Collects what a client sees at the end of each tick that it was told of.
 * @param {Client} client
 */
function byTick(client) {
  /** @type {Map<number, ReturnType<typeof view>>} */
  const views = new Map();
  /** @type {{ tick: number, view: ReturnType<typeof view> } | null} */
  let last = null;
  client.on('cells', ({ tick }) => {
    // A tick is complete when the next one comes.
    if (last && last.tick !== tick) views.set(last.tick, last.view);
    last = { tick, view: view(client, tick) };
  });
  return views;
}

describe('a command', { skip }, () => {
  test('is carried out once, wherever the connection breaks', async () => {
    const net = new NetworkConditions({ socket: openSocket, latencyMs: 20 });
    const [giver, taker] = [await guest({ socket: net.socket }), await guest()];
    const answers = [];
    // Before it is sent, on its way there, with the server, on its way back.
    for (const afterMs of [0, 10, 25, 35, 50]) {
      const giving = giver.command('give', { to: taker.player, credits: 1 });
      const id = [...giver.pending.keys()][0];
      giver.on('settled', ({ command }) => command.id === id && answers.push(id));
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      net.drop();
      assert.equal(giver.retryNow(), true);
      assert.equal((await giving).credits, 1);
    }
    assert.deepEqual([answers.length, giver.pending.size], [5, 0]);
    assert.deepEqual([await credits(giver), await credits(taker)], [195, 205]);
  });

  test('is carried out once over a reload of the page, with and without a session to resume', async () => {
    const net = new NetworkConditions({ socket: openSocket });
    const taker = await guest();
    let giver = await guest({ socket: net.socket });
    const token = giver.account?.access_token;
    for (const resume of [true, false]) {
      void giver.command('give', { to: taker.player, credits: 1 });
      const [pending, resumption] = [JSON.parse(JSON.stringify(giver.savePending())), giver.resumption];
      net.drop({ silent: true });
      giver.close();
      giver = newClient({ socket: net.socket, pending });
      await giver.connect(resume ? { token, resume: resumption ?? undefined } : { token });
      await until(giver, 'pending', () => giver.pending.size === 0);
    }
    assert.deepEqual([await credits(giver), await credits(taker)], [198, 202]);
  });

  test('is carried out once over a restart and a crash of the server', async () => {
    let own = await startServer();
    const giver = newClient({ url: own.ws });
    await giver.connect({ guest: {} });
    const taker = newClient({ url: own.ws });
    const { player } = await taker.connect({ guest: {} });
    taker.leave();
    let given = 0;
    for (const how of ['stop', 'kill']) {
      const giving = [1, 2, 3].map(() => giver.command('give', { to: player, credits: 1 }));
      const restarted = own.restart();
      if (how === 'kill') await own.kill();
      else await own.terminate();
      own = await restarted;
      await Promise.all(giving);
      given += giving.length;
      assert.equal(await credits(giver), 200 - given);
    }
    giver.close();
    await own.stop();
  });
});
