// Whom and what texts of the API name, as links: accounts of the ledger, people, places.
//
//   playerLink({id, name})      a link to the player; '–' for null
//   accountLink('player:…', me) the ledger's account: a player, market, mission or guild is a link, anything else its name
//   SANCTION_FOREVER            the time that stands for "without an end"; sanctionEnd(ms) says until when

import { link } from './dom.js';
import { shortId, time, words } from './format.js';

export const SANCTION_FOREVER = Number.MAX_SAFE_INTEGER;

export const playerLink = (player) => (player ? link(`/players/${player.id}`, player.name || shortId(player.id)) : '–');

const SCREENS = { player: 'players', market: 'markets', mission: 'missions', guild: 'guilds' };

export function accountLink(text, me) {
  const [kind, ...rest] = String(text).split(':');
  const id = rest.join(':');
  if (kind === 'player' && id === me) return 'this player';
  if (!SCREENS[kind] || !id) return words(text);
  const name = kind === 'market' || kind === 'mission' ? words(id) : `${kind} ${shortId(id)}`;
  return link(`/${SCREENS[kind]}/${encodeURIComponent(id)}`, name);
}

export const isForever = (ms) => ms === null || ms === undefined || ms >= SANCTION_FOREVER;

export const sanctionEnd = (ms) => (isForever(ms) ? 'for good' : ['until ', time(ms)]);
