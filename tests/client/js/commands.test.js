// Economic commands take effect once, whatever happens to connections, sessions and pages; questions and flight never wait for ever.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { PLAYER, fakeClient, onlineClient, pass, passAlive, releaseTime, settle, stopTime } from './fake.js';

beforeEach(stopTime);
afterEach(releaseTime);

const BUY = { hub: 'luna', order: 17, quantity: 3, price: 12 };
const refusal = (/** @type {string} */ code, /** @type {any} */ numbers = {}) => ({ code, message: code, ...numbers });

/**
 * What becomes of a promise, as far as it is known.
 * @param {Promise<any>} promise
 */
function watch(promise) {
  const outcome = { answer: /** @type {any} */ (undefined), code: /** @type {string | undefined} */ (undefined) };
  promise.then((answer) => { outcome.answer = answer; }, (error) => { outcome.code = error.code; });
  return outcome;
}

describe('an economic command', () => {
  test('has an id, and is told as pending until it is answered', async () => {
    const { client, last } = await onlineClient();
    /** @type {number[]} */
    const counts = [];
    client.on('pending', (pending) => counts.push(pending.size));
    const buying = client.command('buy', BUY);
    const { id, body } = last().last('buy');
    assert.ok(Number.isSafeInteger(id));
    assert.deepEqual(body, BUY);
    assert.deepEqual([...client.pending.values()], [{ id, type: 'buy', body: BUY, sinceMs: Date.now(), player: PLAYER }]);
    last().say('ok', { paid: 36 }, id, 1);
    assert.deepEqual(await buying, { paid: 36 });
    assert.deepEqual(counts, [1, 0]);
  });

  test('is told as pending before it is sent, so that a crash of the page cannot fall between', async () => {
    const { client, last } = await onlineClient();
    /** @type {string[][]} */
    const sent = [];
    client.on('pending', () => sent.push(last().types()));
    void client.command('buy', BUY);
    assert.deepEqual([sent, last().types()], [[[]], ['buy']]);
  });

  test('is refused with code, numbers and time', async () => {
    const { client, last } = await onlineClient();
    const buying = client.command('buy', BUY);
    last().say('error', refusal('not_available', { available: 1, retry_after_ms: 5 }), last().last('buy').id, 1);
    await assert.rejects(buying, { code: 'not_available', message: 'not_available', retryAfterMs: 5, details: { available: 1 } });
    assert.equal(client.pending.size, 0);
  });

  for (const resumed of [true, false]) {
    test(`under way when the connection was lost is repeated with its id in ${resumed ? 'the resumed' : 'a new'} session`, async () => {
      const { client, sockets, last } = await onlineClient();
      const buying = client.command('buy', BUY);
      last().lose();
      await pass(1_000);
      last().welcome({ resumed });
      last().beat();
      assert.deepEqual(last().last('buy'), sockets[0].last('buy'));
      last().say('ok', { paid: 36 }, last().last('buy').id, 1);
      assert.deepEqual(await buying, { paid: 36 });
      await passAlive(70_000, last);
      assert.deepEqual(last().types(), ['buy']);
    });
  }

  test('is not repeated when its answer was among what was missed', async () => {
    const { client, sockets, last } = await onlineClient();
    const buying = client.command('buy', BUY);
    last().lose();
    await pass(1_000);
    last().welcome({ resumed: true });
    last().say('ok', { paid: 36 }, sockets[0].last('buy').id, 1);
    last().beat();
    assert.deepEqual(await buying, { paid: 36 });
    assert.deepEqual(last().types(), []);
  });

  test('answered twice counts once', async () => {
    const { client, last } = await onlineClient();
    /** @type {any[]} */
    const settled = [];
    client.on('settled', ({ command, answer }) => settled.push([command.type, answer]));
    const buying = client.command('buy', BUY);
    const { id } = last().last('buy');
    last().say('ok', { paid: 36 }, id, 1);
    last().say('ok', { paid: 36 }, id, 2);
    await buying;
    assert.deepEqual(settled, [['buy', { paid: 36 }]]);
  });

  test('given without a connection is sent with the next one', async () => {
    const { client, last } = await onlineClient();
    last().lose();
    const outcome = watch(client.command('buy', BUY));
    await pass(1_000);
    last().welcome({ resumed: true });
    last().beat();
    last().say('ok', { paid: 1 }, last().last('buy').id, 1);
    await settle();
    assert.deepEqual(outcome.answer, { paid: 1 });
  });

  for (const code of ['storage_unavailable', 'internal']) {
    test(`is repeated with its id after ${code}, ever more seldom, until it is decided`, async () => {
      const { client, last } = await onlineClient();
      const outcome = watch(client.command('buy', BUY));
      const { id } = last().last('buy');
      for (const [number, wait] of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].entries()) {
        last().say('error', refusal(code), id, number + 1);
        const sent = last().types().length;
        await passAlive(wait - 250, last);
        assert.equal(last().types().length, sent);
        await pass(250);
        assert.equal(last().types().length, sent + 1);
        assert.equal(last().last('buy').id, id);
      }
      assert.equal(outcome.code, undefined);
      last().say('error', refusal('not_found'), id, 8);
      await settle();
      assert.equal(outcome.code, 'not_found');
    });
  }

  for (const code of ['rate_limited', 'busy', 'maintenance', 'in_transit']) {
    test(`sent once is refused as ${code}; sent twice it is not known to be undone, and is repeated`, async () => {
      const { client, last } = await onlineClient();
      const once = watch(client.command('buy', BUY));
      last().say('error', refusal(code), last().last('buy').id, 1);
      await settle();
      assert.equal(once.code, code);
      const twice = watch(client.command('sell', {}));
      last().lose();
      await pass(1_000);
      last().welcome({ resumed: true });
      last().beat();
      last().say('error', refusal(code, { retry_after_ms: 5_000 }), last().last('sell').id, 2);
      await pass(4_750);
      assert.equal(last().types().length, 1);
      await pass(250);
      assert.equal(last().types().length, 2);
      last().say('ok', {}, last().last('sell').id, 3);
      await settle();
      assert.deepEqual(twice.answer, {});
    });
  }

  test('is repeated when no answer comes on a connection that lives', async () => {
    const { client, last } = await onlineClient();
    void client.command('buy', BUY);
    await passAlive(9_750, last);
    assert.deepEqual(last().types(), ['buy']);
    await pass(250);
    assert.deepEqual(last().types(), ['buy', 'buy']);
  });

  test('waits for the next connection when the client is closed', async () => {
    const { client, last } = await onlineClient();
    const outcome = watch(client.command('buy', BUY));
    last().bye(4009);
    await settle();
    assert.deepEqual([client.state.phase, outcome.code, client.pending.size], ['closed', undefined, 1]);
    void client.connect({ token: 't' });
    await settle();
    last().welcome();
    last().say('ok', { paid: 2 }, last().last('buy').id, 1);
    await settle();
    assert.deepEqual(outcome.answer, { paid: 2 });
  });

  test('many of them are not repeated faster than the server takes them', async () => {
    const { client, last } = await onlineClient();
    for (let index = 0; index < 35; index++) void client.command('collect', { object: index });
    last().lose();
    await pass(1_000);
    last().welcome();
    const counts = [];
    for (let second = 0; second < 4; second++) {
      counts.push(last().types().length);
      await pass(1_000);
    }
    assert.deepEqual(counts, [10, 20, 30, 35]);
    assert.deepEqual(last().came.slice(1).map(({ body }) => body.object), [...Array(35).keys()]);
  });
});

describe('a reload of the page', () => {
  test('loses no command: the next page repeats it with its id', async () => {
    const first = await onlineClient();
    void first.client.command('buy', BUY);
    const { id } = first.last().last('buy');
    const kept = JSON.parse(JSON.stringify(first.client.savePending()));
    const { client, last } = fakeClient({ pending: kept });
    /** @type {any[]} */
    const settled = [];
    client.on('settled', ({ command, answer }) => settled.push([command.id, answer]));
    assert.deepEqual([...client.pending.keys()], [id]);
    void client.connect({ token: 't', resume: /** @type {any} */ (first.client.resumption) });
    await settle();
    assert.deepEqual(last().hello().resume, { token: 'r1', seen: 0 });
    last().welcome({ resumed: true });
    last().beat();
    assert.deepEqual(last().last('buy'), first.last().last('buy'));
    last().say('ok', { paid: 36 }, id, 1);
    assert.deepEqual(settled, [[id, { paid: 36 }]]);
  });

  test('never sends the commands of one player as another', async () => {
    const first = await onlineClient();
    void first.client.command('buy', BUY);
    const { client, last } = fakeClient({ pending: first.client.savePending() });
    void client.connect({ token: 'other' });
    await settle();
    last().welcome({ player: 'somebody else' });
    assert.deepEqual([last().types(), client.pending.size, client.savePending().length], [[], 0, 1]);
    void client.connect({ token: 't' });
    await settle();
    last().welcome();
    assert.deepEqual([last().types(), client.pending.size], [['buy'], 1]);
  });

  test('drops what was given before it was known by whom: it was never sent', async () => {
    const first = fakeClient();
    void first.client.connect({ token: 'a' });
    void first.client.command('give', {});
    const { client, last } = fakeClient({ pending: first.client.savePending() });
    /** @type {any[]} */
    const settled = [];
    client.on('settled', ({ command, refusal }) => settled.push([command.type, refusal?.code]));
    void client.connect({ token: 'b' });
    await settle();
    last().welcome({ player: 'somebody else' });
    assert.deepEqual([settled, last().types(), client.savePending()], [[['give', 'not_connected']], [], []]);
  });

  test('long ago is not made good: the server may have forgotten the answer', async () => {
    const first = await onlineClient();
    void first.client.command('buy', BUY);
    const pending = first.client.savePending();
    await pass(70_250);
    const { client, last } = fakeClient({ pending });
    /** @type {any[]} */
    const settled = [];
    client.on('settled', (told) => settled.push([told.command.type, told.refusal?.code]));
    void client.connect({ token: 't' });
    await settle();
    last().welcome();
    assert.deepEqual([settled, last().types(), client.pending.size], [[['buy', 'outcome_unknown']], [], 0]);
  });

  test('begins with other ids', async () => {
    const ids = new Set();
    for (let page = 0; page < 20; page++) {
      const { client, last } = await onlineClient();
      for (let count = 0; count < 50; count++) void client.command('collect', { object: count });
      for (const { id } of last().came.slice(1)) ids.add(id);
      client.close();
    }
    assert.equal(ids.size, 20 * 50);
    assert.ok([...ids].every((id) => Number.isSafeInteger(id) && id >= 0));
  });
});

describe('a command that was under way for long', () => {
  test('is not repeated after a welcome: the server may have forgotten the answer', async () => {
    const { client, last } = await onlineClient();
    const outcome = watch(client.command('buy', BUY));
    last().bye(1012, { reconnect: true, retry_after_ms: 69_000 });
    await pass(72_000);
    last().welcome();
    await settle();
    assert.deepEqual([outcome.code, last().types(), client.pending.size], ['outcome_unknown', [], 0]);
  });

  test('is repeated for as long as the server remembers', async () => {
    const { client, last } = await onlineClient();
    void client.command('buy', BUY);
    last().bye(1012, { reconnect: true, retry_after_ms: 65_000 });
    await pass(67_000);
    last().welcome();
    assert.deepEqual(last().types(), ['buy']);
  });

  test('is as old as its first sending, however often it was repeated', async () => {
    const { client, last } = await onlineClient();
    const outcome = watch(client.command('buy', BUY));
    for (const types of [['buy'], []]) {
      last().bye(1012, { reconnect: true, retry_after_ms: 40_000 });
      await pass(41_000);
      last().welcome();
      assert.deepEqual(last().types(), types);
    }
    await settle();
    assert.equal(outcome.code, 'outcome_unknown');
  });

  test('but was not sent before is sent, and then lost connections count from there', async () => {
    const { client, last } = await onlineClient();
    last().bye(1012, { reconnect: true, retry_after_ms: 100_000 });
    void client.command('buy', BUY);
    await pass(103_000);
    last().welcome();
    assert.deepEqual(last().types(), ['buy']);
    last().lose();
    await pass(2_000);
    last().welcome();
    assert.deepEqual(last().types(), ['buy']);
  });
});

describe('a command that cannot be written', () => {
  const cycle = /** @type {any} */ ({});
  cycle.cycle = cycle;
  /** @type {['json' | 'msgpack', any][]} */
  const cases = [['msgpack', { credits: 1e30 }], ['json', { credits: 5n }], ['json', cycle]];
  for (const [encoding, body] of cases) {
    test(`is refused, and the connection stays (${encoding}, ${Object.keys(body)})`, async () => {
      const { client, sockets, last } = await onlineClient({ encoding });
      for (const type of ['give', 'market', 'navigate']) {
        await assert.rejects(client.command(type, body), { name: 'Refusal', code: 'bad_request' });
      }
      await passAlive(20_000, last);
      assert.deepEqual([client.state.phase, sockets.length, last().types(), client.savePending()], ['online', 1, [], []]);
    });
  }

  test('is refused too when it waited for the connection, and the others are sent', async () => {
    const { client, last } = await onlineClient();
    last().lose();
    const wrong = watch(client.command('give', { credits: 5n }));
    void client.command('buy', BUY);
    await pass(1_000);
    last().welcome();
    await settle();
    assert.deepEqual([wrong.code, last().types(), client.state.phase], ['bad_request', ['buy'], 'online']);
  });
});

describe('two players on one page', () => {
  test('a command given before the first welcome is not sent as the player who connects after that', async () => {
    const { client, last } = fakeClient();
    client.connect({ token: 'a' }).catch(() => {});
    const [gift, question] = [watch(client.command('give', {})), watch(client.command('status'))];
    client.close();
    void client.connect({ token: 'b' });
    await settle();
    last().welcome({ player: 'b' });
    await settle();
    assert.deepEqual([gift.code, question.code, last().types(), client.savePending()], ['not_connected', 'not_connected', [], []]);
  });

  test('nor when nobody closed the client between', async () => {
    const { client, last } = fakeClient();
    client.connect({ token: 'a' }).catch(() => {});
    const [gift, question] = [watch(client.command('give', {})), watch(client.command('status'))];
    void client.connect({ token: 'b' });
    const own = client.command('buy', BUY);
    await settle();
    last().welcome({ player: 'b' });
    last().say('ok', { paid: 36 }, last().last('buy').id, 1);
    assert.deepEqual([gift.code, question.code, last().types(), await own], ['not_connected', 'not_connected', ['buy'], { paid: 36 }]);
  });

  test('a command given while the second one connects is of the second one', async () => {
    const { client, last } = await onlineClient();
    void client.connect({ token: 'c' });
    void client.command('give', {});
    await settle();
    last().welcome({ player: 'c' });
    assert.deepEqual(last().types(), ['give']);
    assert.deepEqual(client.savePending().map(({ type, player }) => [type, player]), [['give', 'c']]);
  });
});

describe('a question', () => {
  test('is asked again in the resumed session, when its answer was not among what was missed', async () => {
    const { client, last } = await onlineClient();
    const [market, status] = [client.command('market', { hub: 'luna' }), client.command('status')];
    const [first, second] = [last().last('market').id, last().last('status').id];
    last().lose();
    await pass(1_000);
    last().welcome({ resumed: true });
    last().say('ok', { quotes: [] }, first, 1);
    last().beat();
    assert.deepEqual(last().types(), ['status']);
    last().say('ok', { credits: 1 }, second, 2);
    assert.deepEqual([await market, await status], [{ quotes: [] }, { credits: 1 }]);
  });

  test('fails when the session is lost for good', async () => {
    const { client, last } = await onlineClient();
    const outcome = watch(client.command('market', { hub: 'luna' }));
    last().lose();
    await pass(1_000);
    assert.equal(outcome.code, undefined);
    last().welcome({ resumed: false });
    await settle();
    assert.deepEqual([outcome.code, last().types()], ['connection_lost', []]);
  });

  test('fails when the client is closed, or when no answer comes', async () => {
    const { client, last } = await onlineClient();
    const silent = watch(client.command('jobs'));
    await passAlive(30_000, last);
    assert.equal(silent.code, 'connection_lost');
    const closed = watch(client.command('jobs'));
    last().say('error', refusal('banned'));
    last().bye(4003);
    await settle();
    assert.equal(closed.code, 'banned');
  });
});

describe('a flight command', () => {
  test('is repeated after a resume only if it is the newest course', async () => {
    const { client, last } = await onlineClient();
    const [first, second] = [watch(client.command('navigate', { to: [1, 1] })), watch(client.command('navigate', { to: [2, 2] }))];
    const jump = watch(client.command('jump', { gate: 'g' }));
    last().lose();
    await settle();
    assert.deepEqual([first.code, jump.code, second.code], ['connection_lost', 'connection_lost', undefined]);
    await pass(1_000);
    last().welcome({ resumed: true });
    last().beat();
    assert.deepEqual([last().types(), last().last('navigate').body], [['navigate'], { to: [2, 2] }]);
  });

  for (const event of ['state', 'welcome']) {
    test(`given by who hears of a new session (${event}) is sent, in it`, async () => {
      const { client, last } = fakeClient();
      /** @type {ReturnType<typeof watch>[]} */
      const given = [];
      client.on(event, () => {
        if (client.state.phase !== 'online') return;
        given.push(watch(client.command('navigate', { to: [1, 1] })), watch(client.command('jump', { gate: 'g' })));
      });
      void client.connect({ token: 't' });
      await settle();
      last().welcome();
      assert.deepEqual(last().types(), ['navigate', 'jump']);
      for (const [index, { id }] of last().came.slice(1).entries()) last().say('ok', { arrives: 7 }, id, index + 1);
      await settle();
      assert.deepEqual(given, [{ answer: { arrives: 7 }, code: undefined }, { answer: { arrives: 7 }, code: undefined }]);
    });
  }

  test('given after a resume is not overtaken by the course that waits for what was missed', async () => {
    const { client, last } = await onlineClient();
    const older = watch(client.command('navigate', { to: [1, 1] }));
    last().lose();
    await pass(1_000);
    last().welcome({ resumed: true });
    void client.command('navigate', { to: [2, 2] });
    last().beat();
    await settle();
    assert.deepEqual([older.code, last().came.slice(1).map(({ body }) => body.to)], ['connection_lost', [[2, 2]]]);
  });

  test('given without a connection: the last course waits, a jump does not', async () => {
    const { client, last } = await onlineClient();
    last().lose();
    const [first, second] = [watch(client.command('navigate', { stop: true })), watch(client.command('navigate', { to: [2, 2] }))];
    const jump = watch(client.command('jump', { gate: 'g' }));
    await settle();
    assert.deepEqual([first.code, jump.code, second.code], ['connection_lost', 'connection_lost', undefined]);
    await pass(1_000);
    last().welcome({ resumed: false });
    await settle();
    assert.deepEqual([second.code, last().types()], ['connection_lost', []]);
  });
});
