// What a panel follows while it is open. A resumed session goes on by itself; a new one is asked again.

/** Follows a topic, such as {mission: 'ice_run_1'}; returns the way to end it. */
export function followTopic(game, topic) {
  // Without a connection there is nothing to follow: the next welcome asks again.
  const ask = (type) => game.client.command(type, topic).catch(() => {});
  ask('subscribe');
  const off = game.client.on('welcome', ({ resumed }) => { if (!resumed) ask('subscribe'); });
  return () => {
    off();
    ask('unsubscribe');
  };
}
