// The server's time of day for a game: deadlines of auctions, contracts, jobs and research are times of its clock, not of the page's.

import { ServerClock } from './times.js';

const clocks = new WeakMap();

/** Milliseconds since 1970, by the server's clock as far as it is known. */
export function serverNow(game) {
  let clock = clocks.get(game.client);
  if (!clock) {
    clock = new ServerClock();
    clocks.set(game.client, clock);
    game.client.on('heartbeat', (message) => clock.sample(message.time_ms, Date.now()));
  }
  return clock.now(Date.now());
}
