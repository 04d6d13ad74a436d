// Topics that panels follow: each is subscribed once however many look at it, and anew after a session that could not be resumed.

/** Kind of topic → the message that comes for it, and the field of it that says for which one. */
const MESSAGES = { ticker: ['ticker', 'hub'], auctions: ['auction_changed', 'hub'], mission: ['mission_progress', 'mission'] };
const followed = new WeakMap();

/** Calls `fn(message)` for every message of `{ticker: hub}`, `{auctions: hub}` or `{mission: key}`. Returns what ends it. */
export function follow(game, topic, fn) {
  const [[kind, of]] = Object.entries(topic);
  const [type, name] = MESSAGES[kind];
  const topics = topicsOf(game);
  const key = `${kind}:${of}`;
  topics.set(key, { topic, users: (topics.get(key)?.users ?? 0) + 1 });
  if (topics.get(key).users === 1) ask(game, 'subscribe', topic);
  const off = game.client.on(type, (message) => { if (message[name] === of) fn(message); });
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
