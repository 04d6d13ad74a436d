// A player without a page, by the page's own library.

import { Client } from '../../../../assets/client/orrery.js';
import { WebSocket } from '../../../support/browser/browser.mjs';

export async function playWithoutPage(name) {
  const client = new Client({ url: `${process.env.GAME_URL.replace(/^http/, 'ws')}/ws`, name: 'script/1', socket: (url, protocols) => new WebSocket(url, protocols) });
  await client.connect({ guest: { name } });
  return client;
}
