// A server that does what a test says, in virtual time: for what a real one does only when it is in trouble.

import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Client, decode, encodeMessagePack } from '../../../assets/client/orrery.js';

/** @typedef {import('../../../assets/client/orrery.js').ClientOptions} ClientOptions */

export const PLAYER = '01a1f98d-11a2-73d5-9ab8-090683b41d2d';

/** One connection, as the server sees it. */
export class FakeSocket {
  binaryType = '';
  /** @type {((event: any) => void) | null} */
  onopen = null;
  /** @type {((event: any) => void) | null} */
  onmessage = null;
  /** @type {((event: any) => void) | null} */
  onclose = null;
  /** @type {((event: any) => void) | null} */
  onerror = null;
  /** @type {number | undefined} */
  retryAfterMs = undefined;
  isClosed = false;
  isPacked = false;
  /** What came, without heartbeats. @type {import('../../../assets/client/orrery.js').Message[]} */
  came = [];
  /** @type {any[]} */
  heartbeats = [];

  /** @param {string | Uint8Array} data */
  send(data) {
    const message = decode(typeof data === 'string' ? 'json' : 'msgpack', data);
    if (message.type === 'heartbeat') this.heartbeats.push(message.body);
    else this.came.push(message);
  }

  close() {
    this.isClosed = true;
  }

  /**
   * @param {string} type
   * @param {any} body
   * @param {number | null} [id]
   * @param {number | null} [number]
   */
  say(type, body, id = null, number = null) {
    const message = [type, body, id, number];
    this.onmessage?.({ data: this.isPacked ? encodeMessagePack(message) : JSON.stringify(message) });
  }

  open() {
    if (this.came.length === 0) this.onopen?.({});
  }

  /** @param {any} [change] */
  welcome(change = {}) {
    this.open();
    this.say('welcome', {
      player: PLAYER, name: 'Ada', guest: false, account: null, resume_token: 'r1', resumed: false, resume_window_ms: 30_000,
      heartbeat_ms: 15_000, tick_hz: 20, cell_units: 100, interest_radius_units: 200, catalog: 'c', durable: 1,
      world: { world: 'sol', world_number: 1, size_units: 2000, ship: 1, tick: 100, position: [256_000, 256_000] }, ...change,
    });
  }

  /** The answer to a heartbeat. */
  beat(tick = 100) {
    this.say('heartbeat', { tick, time_ms: 0, durable: 1, session_durable: 0 });
  }

  /**
   * @param {number} code
   * @param {any} [body]
   */
  bye(code, body = {}) {
    this.say('bye', { code, reason: 'because', reconnect: false, retry_after_ms: 0, ...body });
  }

  /** Ends without a word. */
  lose() {
    this.onclose?.({ code: 1006, reason: '' });
  }

  hello() {
    this.open();
    assert.equal(this.came[0].type, 'hello');
    return this.came[0].body;
  }

  /**
   * The last command of this type that came.
   * @param {string} type
   */
  last(type) {
    const found = this.came.findLast((message) => message.type === type);
    assert.ok(found, `no ${type} came`);
    return found;
  }

  /** Types of what came after hello. */
  types() {
    return this.came.slice(1).map(({ type }) => type);
  }
}

/**
 * A client on fake sockets; time stands still but for `pass`. Chance always takes the middle, which is what PROTOCOL.md names.
 * @param {ClientOptions} [options]
 */
export function fakeClient(options = {}) {
  /** @type {FakeSocket[]} */
  const sockets = [];
  const socket = () => {
    const opened = Object.assign(new FakeSocket(), { isPacked: options.encoding === 'msgpack' });
    sockets.push(opened);
    return opened;
  };
  const client = new Client({ url: 'ws://server/ws', name: 'test/1', socket, now: () => Date.now(), random: () => 0.5, ...options });
  return { client, sockets, last: () => sockets[sockets.length - 1] };
}

/** A client that has been welcomed as a player with a token. */
export async function onlineClient(/** @type {ClientOptions} */ options = {}) {
  const fake = fakeClient(options);
  const welcome = fake.client.connect({ token: 't' });
  await settle();
  fake.last().welcome();
  await welcome;
  fake.last().beat();
  return fake;
}

/** Lets time stand still. Call it in `beforeEach`. */
export function stopTime() {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
}

export function releaseTime() {
  mock.timers.reset();
}

/** Lets everything happen that needs no time. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** @param {number} ms */
export async function pass(ms) {
  for (let left = ms; left > 0; left -= 250) {
    mock.timers.tick(Math.min(left, 250));
    await settle();
  }
}

/**
 * Time passes on a connection that lives.
 * @param {number} ms
 * @param {() => FakeSocket} last
 */
export async function passAlive(ms, last) {
  for (let left = ms; left > 0; left -= 1_000) {
    await pass(Math.min(left, 1_000));
    last().beat();
  }
}
