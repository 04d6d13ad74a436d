// Connecting, coming back, and what close codes mean, against a server that does what the test says.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Client, NetworkConditions, Refusal } from '../../../assets/client/orrery.js';
import { fakeClient, onlineClient, pass, releaseTime, settle, stopTime } from './fake.js';

beforeEach(stopTime);
afterEach(releaseTime);

describe('the first connection', () => {
  test('says hello, and nothing else before the welcome', async () => {
    const { client, last } = fakeClient();
    const welcome = client.connect({ guest: { name: 'Ada' } });
    const answer = client.command('status');
    await settle();
    assert.deepEqual(last().hello(), { guest: { name: 'Ada' }, client: 'test/1' });
    assert.deepEqual(last().types(), []);
    last().welcome({ guest: true, account: { access_token: 'a', refresh_token: 'b' } });
    assert.equal((await welcome).name, 'Ada');
    assert.deepEqual(last().types(), ['status']);
    last().say('ok', { credits: 7 }, last().last('status').id, 1);
    assert.deepEqual(await answer, { credits: 7 });
    assert.deepEqual([client.state.phase, client.world?.key, client.guest, client.account?.refresh_token], ['online', 'sol', true, 'b']);
  });

  test('goes on trying, however often the server is not there', async () => {
    const { client, sockets, last } = fakeClient();
    const welcome = client.connect({ token: 't' });
    for (const wait of [1, 2, 4, 8, 16, 30, 30]) {
      await settle();
      last().lose();
      const before = sockets.length;
      assert.equal(client.state.retryAtMs, Date.now() + wait * 1000);
      await pass(wait * 1000 - 250);
      assert.equal(sockets.length, before);
      await pass(250);
      assert.equal(sockets.length, before + 1);
    }
    last().welcome();
    await welcome;
  });

  test('rejects with the refusal when the server does not want it', async () => {
    const { client, last } = fakeClient();
    const welcome = client.connect({ token: 'wrong' });
    await settle();
    last().open();
    last().say('error', { code: 'not_authenticated', message: 'the token is wrong' });
    last().bye(4001);
    await assert.rejects(welcome, { name: 'Refusal', code: 'not_authenticated', message: 'the token is wrong' });
    assert.deepEqual([client.state.phase, client.state.code, client.state.reconnect], ['closed', 4001, false]);
  });

  test('asks a function for another token once when the first was refused', async () => {
    const { client, sockets, last } = fakeClient();
    /** @type {boolean[]} */
    const asked = [];
    const welcome = client.connect({ token: (renew) => { asked.push(renew); return renew ? 'new' : 'old'; } });
    await settle();
    assert.equal(last().hello().token, 'old');
    last().bye(4001);
    await settle();
    assert.equal(last().hello().token, 'new');
    last().bye(4001);
    await assert.rejects(welcome);
    assert.deepEqual([asked, sockets.length, client.state.phase], [[false, true], 2, 'closed']);
  });

  test('renews a refused token for as long as it takes to reach who gives it', async () => {
    const { client, last } = fakeClient();
    /** @type {boolean[]} */
    const asked = [];
    let isReachable = false;
    const token = async (/** @type {boolean} */ renew) => {
      asked.push(renew);
      if (!renew) return 'old';
      if (!isReachable) throw new Refusal('connection_lost', 'no way');
      return 'new';
    };
    const welcome = client.connect({ token });
    await settle();
    last().hello();
    last().bye(4001);
    await settle();
    assert.deepEqual([client.state.phase, client.retryNow()], ['waiting', true]);
    await settle();
    isReachable = true;
    await pass(10_000);
    assert.equal(last().hello().token, 'new');
    last().lose();
    await pass(10_000);
    last().welcome();
    await welcome;
    assert.deepEqual(asked, [false, true, true, true, false]);
  });

  test('asks for another token also when the first could not be had at once', async () => {
    const { client, last } = fakeClient();
    let isReachable = false;
    const token = async (/** @type {boolean} */ renew) => {
      if (!isReachable) throw new Refusal('connection_lost', 'no way');
      return renew ? 'new' : 'old';
    };
    void client.connect({ token });
    await settle();
    isReachable = true;
    await pass(1_000);
    assert.equal(last().hello().token, 'old');
    last().bye(4001);
    await settle();
    assert.equal(last().hello().token, 'new');
  });

  test('is not tried again where no WebSocket can be opened', async () => {
    const [url, network] = ['ws://server/ws', new NetworkConditions()];
    /** @type {[Client, RegExp][]} */
    const cases = [
      [new Client({ url }), /option `socket`/],
      [new Client({ url, socket: network.socket }), /option `socket`/],
      [fakeClient({ url: 'no address' }).client, /URL/],
    ];
    for (const [client, message] of cases) {
      const { WebSocket } = globalThis;
      Reflect.deleteProperty(globalThis, 'WebSocket');
      try {
        await assert.rejects(client.connect({ token: 't' }), { name: 'Refusal', code: 'not_connected', message });
      } finally {
        if (WebSocket) globalThis.WebSocket = WebSocket;
      }
      assert.deepEqual([client.state.phase, client.state.reconnect], ['closed', false]);
    }
  });

  test('is over when no token can be had any more, and tries again when only the way there is broken', async () => {
    const { client, last } = fakeClient();
    /** @type {Error} */
    let error = new Refusal('connection_lost', 'no way');
    const rejected = assert.rejects(client.connect({ token: () => Promise.reject(error) }), { code: 'not_authenticated' });
    await settle();
    assert.equal(client.state.phase, 'waiting');
    error = Object.assign(new Error('logged out'), { code: 'not_authenticated' });
    await pass(1_000);
    await rejected;
    assert.deepEqual([client.state.phase, last()], ['closed', undefined]);
  });

  test('is over when nothing is left to come back with', async () => {
    const { client, last } = fakeClient();
    const welcome = client.connect({ resume: { token: 'r0', seen: 3 } });
    await settle();
    assert.deepEqual(last().hello(), { resume: { token: 'r0', seen: 3 }, client: 'test/1' });
    last().welcome({ resumed: true });
    await welcome;
    last().bye(1012, { reconnect: true, retry_after_ms: 1_000 });
    await pass(1_250);
    assert.deepEqual([client.state.phase, client.state.code, client.state.refusal?.code], ['closed', 4001, 'not_authenticated']);
  });

  for (const [event, heard] of Object.entries({ pending: ['closed'], state: ['online', 'closed'], welcome: ['online', 'welcome', 'closed'] })) {
    test(`may be ended by whoever hears of it (${event})`, async () => {
      const { client, last } = fakeClient();
      const welcome = client.connect({ token: 't' });
      await settle();
      /** @type {string[]} */
      const told = [];
      client.on('state', ({ phase }) => told.push(phase));
      client.on('welcome', () => told.push('welcome'));
      client.on(event, () => client.state.phase !== 'closed' && client.close());
      last().welcome();
      await welcome;
      assert.deepEqual([client.state.phase, last().isClosed, told], ['closed', true, heard]);
      await assert.rejects(client.command('status'), { code: 'not_connected' });
    });
  }

  test('that gets no welcome is given up', async () => {
    const { client, last } = fakeClient();
    void client.connect({ token: 't' });
    await settle();
    last().open();
    await pass(15_000);
    assert.deepEqual([client.state.phase, last().isClosed], ['waiting', true]);
  });

  test('that is replaced by another call is rejected', async () => {
    const { client, sockets, last } = fakeClient();
    const first = client.connect({ token: 'a' });
    await settle();
    const second = client.connect({ token: 'b' });
    await assert.rejects(first, { code: 'not_connected' });
    await settle();
    assert.equal(sockets[0].isClosed, true);
    assert.equal(last().hello().token, 'b');
    last().welcome();
    await second;
  });
});

describe('a server that is full', () => {
  test('is asked again with the same hello at the time that it names, and not before', async () => {
    const { client, sockets, last } = fakeClient();
    void client.connect({ guest: {} });
    await settle();
    const hello = last().hello();
    last().say('error', { code: 'busy', message: 'full', retry_after_ms: 20_000 });
    last().bye(1013, { reconnect: true, retry_after_ms: 20_000 });
    assert.deepEqual([client.state.phase, client.state.refusal?.code, client.retryNow()], ['waiting', 'busy', false]);
    await pass(20_000);
    assert.equal(sockets.length, 1);
    await pass(600);
    assert.equal(sockets.length, 2);
    assert.deepEqual(last().hello(), hello);
  });

  test('may say so with Retry-After, where the socket can read it', async () => {
    const { client, sockets, last } = fakeClient();
    void client.connect({ token: 't' });
    await settle();
    last().retryAfterMs = 7_000;
    last().lose();
    assert.equal(client.retryNow(), false);
    await pass(7_000);
    assert.equal(sockets.length, 1);
    await pass(250);
    assert.equal(sockets.length, 2);
  });
});

describe('a lost connection', () => {
  test('is resumed with the last reliable number, and the token beside it', async () => {
    const { client, last } = await onlineClient();
    last().say('unread', { unread: 0, last: 0 }, null, 1);
    last().say('research_done', { tech: 'nets' }, null, 2);
    last().lose();
    assert.equal(client.retryNow(), true);
    await settle();
    assert.deepEqual(last().hello(), { token: 't', resume: { token: 'r1', seen: 2 }, client: 'test/1' });
    last().welcome({ resumed: true, resume_token: 'r2' });
    assert.deepEqual(client.resumption, { token: 'r2', seen: 2 });
  });

  test('is not resumed when the window is over', async () => {
    const { client, last } = await onlineClient();
    last().lose();
    await pass(1_000);
    for (const wait of [2, 4, 8, 16]) {
      assert.deepEqual(last().hello().resume, { token: 'r1', seen: 0 });
      last().lose();
      await pass(wait * 1000);
    }
    assert.deepEqual(last().hello(), { token: 't', client: 'test/1' });
    assert.equal(client.state.attempt, 6);
  });

  test('brings every reliable message once, whatever is sent twice', async () => {
    const { client, last } = await onlineClient();
    /** @type {string[]} */
    const heard = [];
    client.on('research_done', ({ tech }) => heard.push(tech));
    last().say('research_done', { tech: 'a' }, null, 1);
    last().lose();
    await pass(1_000);
    last().welcome({ resumed: true });
    last().say('research_done', { tech: 'a' }, null, 1);
    last().say('research_done', { tech: 'b' }, null, 2);
    assert.deepEqual(heard, ['a', 'b']);
  });

  test('counts from 1 again when a new session begins', async () => {
    const { client, last } = await onlineClient();
    last().say('research_done', { tech: 'a' }, null, 1);
    last().lose();
    await pass(1_000);
    last().welcome({ resumed: false, resume_token: 'r2' });
    /** @type {string[]} */
    const heard = [];
    client.on('research_done', ({ tech }) => heard.push(tech));
    last().say('research_done', { tech: 'b' }, null, 1);
    assert.deepEqual([heard, client.resumption], [['b'], { token: 'r2', seen: 1 }]);
  });

  test('of a guest comes back with the token that the guest was given, never as another guest', async () => {
    const { client, last } = fakeClient();
    const welcome = client.connect({ guest: {} });
    await settle();
    last().welcome({ guest: true, account: { access_token: 'a', refresh_token: 'b' } });
    await welcome;
    last().bye(1012, { reconnect: true, retry_after_ms: 1_000 });
    await pass(1_250);
    assert.deepEqual(last().hello(), { token: 'a', client: 'test/1' });
  });

  test('of a guest who has claimed the account comes back with what the page keeps', async () => {
    const { client, last } = fakeClient();
    const welcome = client.connect({ guest: {} });
    await settle();
    last().welcome({ guest: true, account: { access_token: 'a', refresh_token: 'b' } });
    await welcome;
    client.useToken(() => Promise.resolve('claimed'));
    last().lose();
    await pass(1_000);
    assert.deepEqual(last().hello(), { token: 'claimed', resume: { token: 'r1', seen: 0 }, client: 'test/1' });
  });

  test('is noticed when heartbeats stay without an answer', async () => {
    const { client, last } = await onlineClient();
    const socket = last();
    await pass(1_250);
    assert.equal(socket.heartbeats.length, 2);
    await pass(9_000);
    assert.equal(client.state.phase, 'online');
    await pass(1_250);
    assert.deepEqual([client.state.phase, client.state.code, socket.isClosed], ['waiting', 1006, true]);
  });

  test('is not suspected while anything comes', async () => {
    const { client, last } = await onlineClient();
    for (let second = 0; second < 60; second++) {
      await pass(1_000);
      last().say('cells', [1, 100 + second * 20, []]);
    }
    assert.equal(client.state.phase, 'online');
  });

  test('is not provoked: heartbeats go out in answer to messages where the page gets no timers', async () => {
    const { last } = await onlineClient();
    const before = last().heartbeats.length;
    // Time passes, but no timer fires.
    const { now } = Date;
    Date.now = () => now() + 6_000;
    last().say('unread', { unread: 0, last: 0 }, null, 1);
    Date.now = now;
    assert.deepEqual(last().heartbeats.slice(before), [{ seen: 1 }]);
  });
});

describe('a page whose network is back, or that comes to the foreground', () => {
  const browser = /** @type {any} */ (globalThis);
  const page = Object.assign(new EventTarget(), { hidden: true });
  const window = new EventTarget();

  beforeEach(() => {
    browser.document = page;
    browser.addEventListener = window.addEventListener.bind(window);
  });
  afterEach(() => {
    delete browser.document;
    delete browser.addEventListener;
  });

  const signs = {
    'does not wait any longer': () => window.dispatchEvent(new Event('online')),
    'tries at once': () => {
      page.hidden = false;
      page.dispatchEvent(new Event('visibilitychange'));
    },
  };
  for (const [what, sign] of Object.entries(signs)) {
    test(`${what}, once`, async () => {
      const { sockets, last } = await onlineClient();
      sign();
      last().lose();
      sign();
      sign();
      await settle();
      assert.equal(sockets.length, 2);
    });
  }

  test('keeps to the time that the server named', async () => {
    const { client, sockets, last } = await onlineClient();
    last().bye(1012, { reconnect: true, retry_after_ms: 5_000 });
    window.dispatchEvent(new Event('online'));
    await settle();
    assert.deepEqual([sockets.length, client.state.phase], [1, 'waiting']);
  });
});

describe('close codes', () => {
  /** @type {[number, boolean, boolean, number][]} code, comes back, resumes, after ms */
  const codes = [
    [1000, false, false, 0], [1002, false, false, 0], [1003, false, false, 0], [1007, false, false, 0], [1009, false, false, 0],
    [1011, true, true, 2_000], [1012, true, false, 1_000], [1013, true, true, 5_000], [4000, false, false, 0], [4001, false, false, 0],
    [4003, false, false, 0], [4008, true, true, 2_000], [4009, false, false, 0], [4029, true, true, 10_000],
  ];
  for (const [code, reconnect, resumable, retryAfterMs] of codes) {
    test(`${code} ${reconnect ? `comes back${resumable ? ' and resumes' : ', with the token'}` : 'is the end'}`, async () => {
      const { client, sockets, last } = await onlineClient();
      last().bye(code, { reconnect, retry_after_ms: retryAfterMs });
      assert.deepEqual([client.state.phase, client.state.code, client.state.reason], [reconnect ? 'waiting' : 'closed', code, 'because']);
      await pass(reconnect ? retryAfterMs * 1.03 : 60_000);
      assert.equal(sockets.length > 1, reconnect);
      if (reconnect) assert.equal(sockets[1].hello().resume?.token, resumable ? 'r1' : undefined);
    });
  }

  test('without a farewell mean the same', async () => {
    const { client, last } = await onlineClient();
    last().onclose?.({ code: 4009, reason: 'replaced' });
    assert.deepEqual([client.state.phase, client.state.reason], ['closed', 'replaced']);
  });

  test('that nobody knows follow the farewell', async () => {
    const { client, last } = await onlineClient();
    last().bye(4999, { reconnect: true, retry_after_ms: 3_000 });
    assert.equal(client.state.phase, 'waiting');
  });

  test('4003 tells why: the error that came before', async () => {
    const { client, last } = await onlineClient();
    last().say('error', { code: 'banned', message: 'you are banned', reason: 'bots', until_ms: 5 });
    last().bye(4003);
    assert.deepEqual([client.state.refusal?.code, client.state.refusal?.details], ['banned', { reason: 'bots', until_ms: 5 }]);
  });

  test('4029 waits as long as the error before it says', async () => {
    const { client, sockets, last } = await onlineClient();
    last().say('error', { code: 'rate_limited', message: 'slowly', retry_after_ms: 25_000 });
    last().bye(4029, { reconnect: true, retry_after_ms: 10_000 });
    await pass(25_000);
    assert.deepEqual([sockets.length, client.state.phase], [1, 'waiting']);
  });

  test('of a proxy that ends the connection politely are a lost connection', async () => {
    for (const code of [1000, 1001, 1005]) {
      const { client, last } = await onlineClient();
      last().onclose?.({ code, reason: '' });
      assert.equal(client.state.phase, 'waiting');
      client.close();
    }
  });
});

describe('leaving', () => {
  test('says so and does not come back', async () => {
    const { client, last } = await onlineClient();
    client.leave();
    assert.deepEqual(last().types(), ['leave']);
    last().bye(1000);
    assert.deepEqual([client.state.phase, client.state.code, client.resumption], ['closed', 1000, null]);
  });

  test('is done with when the server says nothing', async () => {
    const { client, last } = await onlineClient();
    client.leave();
    await pass(3_000);
    assert.deepEqual([client.state.phase, last().isClosed], ['closed', true]);
  });

  test('closing without leaving keeps what can be resumed', async () => {
    const { client, last } = await onlineClient();
    last().say('unread', { unread: 0, last: 0 }, null, 1);
    client.close();
    assert.deepEqual([client.state.phase, client.resumption], ['closed', { token: 'r1', seen: 1 }]);
    await assert.rejects(client.command('status'), { code: 'not_connected' });
  });
});

describe('worlds', () => {
  const SHIP = [1, 1, 0, 0, 0, 0, 0, 0, 'sloop', 'Ada'];

  test('cells of the next world wait until it is entered', async () => {
    const { client, last } = await onlineClient();
    last().say('cells', [1, 101, [[0, 3, []], [7, 1, [SHIP]]]]);
    last().say('cells', [2, 5_000, [[0, 3, []], [9, 1, [SHIP]]]]);
    assert.deepEqual([client.picture.worldNumber, client.ship?.cell, Math.floor(client.clock.tick())], [1, 7, 101]);
    last().say('entered', { world: 'vega', world_number: 2, size_units: 1000, ship: 1, tick: 4_999, position: [0, 0] }, null, 1);
    assert.deepEqual([client.picture.worldNumber, client.ship?.cell, Math.floor(client.clock.tick())], [2, 9, 5_000]);
  });

  test('a missed message of having entered the world does not set the clock back', async () => {
    const { client, last } = await onlineClient();
    last().say('cells', [1, 9_000, []]);
    last().lose();
    await pass(1_000);
    last().welcome({ resumed: true, world: { world: 'sol', world_number: 1, size_units: 2000, ship: 1, tick: 9_020, position: [0, 0] } });
    last().say('entered', { world: 'sol', world_number: 1, size_units: 2000, ship: 1, tick: 8_000, position: [0, 0] }, null, 1);
    assert.equal(Math.floor(client.clock.tick()), 9_020);
  });

  test('a world that is slowed down is so until another one is entered', async () => {
    const { client, last } = await onlineClient();
    last().say('dilation', { world_number: 2, tick_ms: 80 });
    assert.equal(client.clock.tickMs, 50);
    last().say('entered', { world: 'vega', world_number: 2, size_units: 1000, ship: 1, tick: 9, position: [0, 0] }, null, 1);
    assert.equal(client.clock.tickMs, 80);
    last().say('dilation', { world_number: 2, tick_ms: 100 });
    assert.equal(client.clock.dilation, 2);
    last().say('entered', { world: 'sol', world_number: 1, size_units: 1000, ship: 1, tick: 9, position: [0, 0] }, null, 2);
    assert.equal(client.clock.tickMs, 50);
  });
});
