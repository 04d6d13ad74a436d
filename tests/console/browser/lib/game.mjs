// A player in a script: comes as a guest by WebSocket, sends commands, and remembers what it is told and how it was closed.
// GAME_URL in the environment is the address of the players' listener.

import { PATIENCE_MS, WebSocket } from '../../../support/browser/browser.mjs';

/** Comes in. When the server says no, `welcome` stays null, and `messages` and `closed` tell why. */
export async function comeIn() {
  const player = new Player(`${process.env.GAME_URL.replace(/^http/, 'ws')}/ws`);
  await player.opened;
  player.send(['hello', { guest: {} }]);
  await player.told(([type]) => type === 'welcome' || type === 'bye' || type === 'error');
  if (player.welcome === null) await player.closed;
  return player;
}

class Player {
  constructor(address) {
    this.messages = [];
    this.welcome = null;
    this.command = Math.floor(Math.random() * 2 ** 40);
    this.waiting = new Set();
    this.socket = new WebSocket(address, 'orrery.v1.json');
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
    this.closed = new Promise((resolve) => this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
    this.socket.on('message', (data) => this.take(JSON.parse(data)));
  }

  get id() { return this.welcome.player; }

  get name() { return this.welcome.name; }

  take(message) {
    if (message[0] === 'welcome') this.welcome = message[1];
    this.messages.push(message);
    for (const entry of this.waiting) {
      if (!entry.matches(message)) continue;
      this.waiting.delete(entry);
      entry.resolve(message);
    }
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  /** The first message, past or to come, that matches. */
  told(matches) {
    const found = this.messages.find(matches);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const entry = { matches, resolve: (message) => { clearTimeout(timer); resolve(message); } };
      const timer = setTimeout(() => { this.waiting.delete(entry); reject(new Error(`not told of ${matches}; last: ${JSON.stringify(this.messages.slice(-3))}`)); }, PATIENCE_MS);
      this.waiting.add(entry);
    });
  }

  /** Sends a command and gives the answer's body; an error is thrown. */
  async ask(type, body = {}) {
    const id = ++this.command;
    this.send([type, body, id]);
    const [kind, answer] = await this.told((message) => (message[0] === 'ok' || message[0] === 'error') && message[2] === id);
    if (kind === 'error') throw new Error(`${type}: ${answer.code}: ${answer.message}`);
    return answer;
  }

  async leave() {
    this.send(['leave', {}]);
    await this.closed;
  }
}
