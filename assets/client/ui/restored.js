// Commands that the page before this one gave and that are refused now. Nobody waits for their answers any more, so they are told here.
//
//   const restored = watchRestored(client, pending)     before the connection is made: some are refused with the first welcome
//   restored.tell(game)                                 from now on, when there is somebody to read it;   restored.off()

import { fromKey } from './format.js';

export function watchRestored(client, pending) {
  const given = new Set(pending.map(({ id }) => id));
  const refused = [];
  let game = null;
  const tell = ({ command, refusal }) => game.toast(`${fromKey(command.type)}, from before the page was loaded: ${game.explain(refusal)}`, { level: 'bad' });
  const off = client.on('settled', (settled) => {
    if (!given.delete(settled.command.id) || !settled.refusal) return;
    if (game) tell(settled);
    else refused.push(settled);
  });
  return {
    off,
    tell(to) {
      game = to;
      refused.splice(0).forEach(tell);
    },
  };
}
