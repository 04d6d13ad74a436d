// A player without a page, by the page's own library.

import { Client } from '../../../../assets/client/orrery.js';
import { WebSocket } from '../../../support/browser/browser.mjs';

export async function playWithoutPage(name) {
  const client = new Client({ url: `${process.env.GAME_URL.replace(/^http/, 'ws')}/ws`, name: 'script/1', socket: (url, protocols) => new WebSocket(url, protocols) });
  await client.connect({ guest: { name } });
  return client;
}

/** Collects what is in sight until there are so many pieces in the hold. */
export async function gather(client, pieces) {
  const tried = new Set();
  for (let held = 0; held < pieces;) {
    const object = [...client.picture.objects.keys()].find((id) => !tried.has(id));
    if (object === undefined) {
      await new Promise((resolve) => { const off = client.on('cells', () => { off(); resolve(); }); });
      continue;
    }
    tried.add(object);
    try {
      held += (await client.command('collect', { object })).quantity;
    } catch (refusal) {
      // Somebody else was faster.
      if (refusal.code !== 'object_gone') throw refusal;
    }
  }
}
