// A real server for tests, on free ports and with data of its own. The program is that of ORRERY_BINARY.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const BINARY = process.env.ORRERY_BINARY;

/**
 * @typedef {object} Server
 * @property {string} http base address
 * @property {string} ws address of the socket
 * @property {() => Promise<void>} stop in order, and removes its data
 * @property {() => Promise<void>} terminate in order
 * @property {() => Promise<void>} kill without a word, as in a crash
 * @property {() => Promise<Server>} restart when it has ended: the same data on the same port
 */

/**
 * Starts a server and waits until it listens.
 * @param {Record<string, string>} [settings] further settings, as environment variables
 * @returns {Promise<Server>}
 */
export async function startServer(settings = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'orrery-client-'));
  return start(folder, '127.0.0.1:0', settings);
}

/**
 * @param {string} folder
 * @param {string} listen
 * @param {Record<string, string>} settings
 * @returns {Promise<Server>}
 */
async function start(folder, listen, settings) {
  if (!BINARY) throw new Error('ORRERY_BINARY names no program');
  const env = {
    ...process.env,
    ORRERY_SERVER__DATA: folder, ORRERY_SERVER__LISTEN: listen, ORRERY_CONSOLE__LISTEN: '',
    ORRERY_LIMITS__EXEMPT_LOOPBACK: 'true', ...settings,
  };
  const child = spawn(BINARY, ['serve'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    child.kill(signal);
    await exited;
  };
  const host = await Promise.race([listening(child), exited.then(() => { throw new Error('the server ended before it listened'); })]);
  return {
    http: `http://${host}`,
    ws: `ws://${host}/ws`,
    stop: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    terminate: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async () => {
      await exited;
      return start(folder, host, settings);
    },
  };
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} child
 * @returns {Promise<string>}
 */
function listening(child) {
  return new Promise((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      const host = line.match(/^Orrery is listening on http:\/\/([^\s,/]+)/)?.[1];
      if (host) resolve(host);
    });
  });
}

/**
 * A WebSocket for the client, as Node before 22 has none; it tells of `Retry-After`.
 * @type {import('../../../assets/client/orrery.js').SocketFactory}
 */
export function openSocket(url, protocols) {
  const socket = new WebSocket(url, protocols);
  /** @type {import('../../../assets/client/orrery.js').SocketLike} */
  const told = /** @type {any} */ (socket);
  socket.on('unexpected-response', (request, response) => {
    const seconds = Number(response.headers['retry-after'] ?? NaN);
    if (Number.isFinite(seconds)) told.retryAfterMs = seconds * 1000;
    request.destroy();
    told.onclose?.({ code: 1006, reason: `HTTP ${response.statusCode}` });
  });
  return told;
}
