// Topics that panels follow: each is subscribed once however many look at it, and anew after a session that could not be resumed.

const MESSAGE = { ticker: 'ticker', auctions: 'auction_changed' };
const followed = new WeakMap();

/** Calls `fn(message)` for every message of `{ticker: hub}` or `{auctions: hub}`. Returns what ends it. */
export function follow(game, topic, fn) {
  const [[kind, hub]] = Object.entries(topic);
  const topics = topicsOf(game);
  const key = `${kind}:${hub}`;
  topics.set(key, { topic, users: (topics.get(key)?.users ?? 0) + 1 });
  if (topics.get(key).users === 1) ask(game, 'subscribe', topic);
  const off = game.client.on(MESSAGE[kind], (message) => { if (message.hub === hub) fn(message); });
  return () => {
    off();
    const entry = topics.get(key);
    entry.users -= 1;
    if (entry.users > 0) return;
    topics.delete(key);
    ask(game, 'unsubscribe', topic);
  };
}

function topicsOf(game) {
  let topics = followed.get(game.client);
  if (!topics) {
    topics = new Map();
    followed.set(game.client, topics);
    const kept = topics;
    game.client.on('welcome', (welcome) => {
      if (welcome.resumed) return;
      for (const { topic } of kept.values()) ask(game, 'subscribe', topic);
    });
  }
  return topics;
}

// What is not subscribed comes late, with the next look: no reason to trouble the player.
function ask(game, type, topic) {
  game.client.command(type, topic).catch(() => {});
}
