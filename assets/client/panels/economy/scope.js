// What a panel has begun and must end when it goes: listeners, timers, topics. One scope for each panel that is open, parts of it for what is
// opened and closed inside.
//
//   const scope = openScope(game, root);
//   scope.add(off)                      run when the panel goes
//   scope.watch(fn)                     fn(state, changedKeys), at once and whenever the page's picture of the player changes
//   scope.on('notification', fn)        a message of the server's
//   scope.follow({ticker: hub}, fn)     messages of a topic; → off
//   scope.part()                        a scope inside, which ends with this one or before it
//   scope.close()                       the panel's unmount

import { follow } from '../topics.js';
import { serverNow } from './clock.js';
import { tick } from './ticking.js';

export function openScope(game, root) {
  const scope = newScope(game);
  // Every count-down and bar of the panel moves together, once a second.
  const timer = setInterval(() => tick(root, scope.now()), 1000);
  scope.add(() => clearInterval(timer));
  return scope;
}

function newScope(game) {
  const ends = new Set();
  const scope = {
    alive: true,
    add(off) {
      ends.add(off);
      return () => { if (ends.delete(off)) off(); };
    },
    watch: (fn) => scope.add(game.watch(fn)),
    on: (type, fn) => scope.add(game.client.on(type, fn)),
    follow: (topic, fn) => scope.add(follow(game, topic, fn)),
    now: () => serverNow(game),
    part() {
      const part = newScope(game);
      const close = part.close;
      const forget = scope.add(close);
      part.close = forget;
      return part;
    },
    close() {
      scope.alive = false;
      for (const off of [...ends]) off();
      ends.clear();
    },
  };
  return scope;
}
