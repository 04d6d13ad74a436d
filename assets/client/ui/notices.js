// What a notification says, as `words(notice, game)` → { icon, text, level, panel, params }: for the list of notifications and for toasts.
// `panel` is where the affair can be seen; the keys are those of the panels.

import { areOf, count, credits, goodsOf, number, time } from './format.js';

const goods = (map, game) => Object.entries(map ?? {}).map(([item, quantity]) => goodsOf(quantity, game.name('item', item))).join(', ');
const pieces = ({ item, quantity }, game) => goodsOf(quantity, game.name('item', item));
const at = (hub, game) => game.name('hub', hub);
const given = ({ credits: amount, goods: map }, game) => [amount ? credits(amount) : '', goods(map, game)].filter(Boolean).join(' and ') || 'nothing';
const BOARDS = { wealth: 'wealth', collected: 'collected objects', traded: 'trade', missions: 'missions' };

/** Kind → (what, game) → [text, level, panel, params]. */
const KINDS = {
  sold: (n, game) => [`Sold ${pieces(n, game)} at ${at(n.hub, game)} for ${credits(n.credits)}.`, 'good', 'market', { hub: n.hub, item: n.item }],
  order_filled: (n, game) => [`Bought ${pieces(n, game)} at ${at(n.hub, game)} for ${credits(n.credits)}. The goods are in your storage there.`, 'good', 'market', { hub: n.hub, item: n.item }],
  order_expired: (n, game) => [`Your order ${n.order} at ${at(n.hub, game)} has expired. What was left of it is back.`, 'info', 'offers', { hub: n.hub }],
  outbid: (n, game) => [`Somebody bid ${credits(n.bid)} in auction ${n.auction} at ${at(n.hub, game)}. Your bid is back in your wallet.`, 'warn', 'auctions', { hub: n.hub, auction: n.auction }],
  auction_won: (n, game) => [`Auction won: ${pieces(n, game)} at ${at(n.hub, game)} for ${credits(n.paid)}. The goods are in your storage there.`, 'good', 'auctions', { hub: n.hub }],
  auction_sold: (n, game) => [`Your auction ${n.auction} at ${at(n.hub, game)} brought ${credits(n.credits)}.`, 'good', 'auctions', { hub: n.hub }],
  auction_expired: (n, game) => [`Nobody bid in your auction ${n.auction} at ${at(n.hub, game)}. The goods are in your storage there.`, 'info', 'auctions', { hub: n.hub }],
  contract_accepted: (n, game) => [`Somebody has accepted your contract ${n.contract} at ${at(n.hub, game)}.`, 'info', 'contracts', { hub: n.hub }],
  contract_fulfilled: (n, game) => [`Your contract at ${at(n.hub, game)} is fulfilled: ${pieces(n, game)} ${areOf(n.quantity)} in your storage there.`, 'good', 'contracts', { hub: n.hub }],
  contract_expired: (n, game) => [`Contract ${n.contract} at ${at(n.hub, game)} was not fulfilled in time. You got ${credits(n.credits)}${n.quantity ? ` and ${count(n.quantity, 'piece')}` : ''}.`, 'warn', 'contracts', { hub: n.hub }],
  crafted: (n, game) => [`Crafted: ${pieces(n, game)}, in your storage at ${at(n.hub, game)}.`, 'good', 'crafting', { hub: n.hub }],
  research_done: (n, game) => [`Research done: ${game.name('tech', n.tech)}.`, 'good', 'research', { tech: n.tech }],
  mission_over: (n, game) => [`${game.name('mission', n.mission)} is over: rank ${number(n.rank)}, score ${number(n.score)}, reward ${given(n, game)}.`, 'good', 'missions', { mission: n.mission }],
  given: (n) => [`${n.name} gave you ${credits(n.credits)}.`, 'good', 'friends', {}],
  guild_invited: (n) => [`The guild ${n.name} invites you.`, 'info', 'guild', {}],
  guild_left: (n) => [`You are not in the guild ${n.name} any more.`, 'warn', 'guild', {}],
  guild_role: (n) => [`You are ${n.role === 'leader' ? 'the leader' : n.role === 'officer' ? 'an officer' : 'a member'} of your guild now.`, 'info', 'guild', {}],
  friend_asked: (n) => [`${n.name} wants to be your friend.`, 'info', 'friends', {}],
  friend_agreed: (n) => [`${n.name} is your friend now.`, 'good', 'friends', {}],
  season_over: (n) => [`Season ${number(n.season)} is over: rank ${number(n.rank)} in ${BOARDS[n.board] ?? n.board}.`, 'good', 'seasons', { board: n.board, season: n.season }],
  granted: (n, game) => [`The operators gave you ${given(n, game)}${n.hub ? `, in your storage at ${at(n.hub, game)}` : ''}.`, 'good', 'ship', {}],
  revoked: (n, game) => [`The operators took ${given(n, game)}${n.hub ? ` from your storage at ${at(n.hub, game)}` : ''}.`, 'warn', 'ship', {}],
  tech_granted: (n, game) => [`The operators taught you ${game.name('tech', n.tech)}.`, 'good', 'research', { tech: n.tech }],
  tech_revoked: (n, game) => [`The operators took ${game.name('tech', n.tech)} from you.`, 'warn', 'research', { tech: n.tech }],
  renamed: (n) => [`The operators gave you another name: ${n.name}.`, 'warn', null, {}],
  ban_lifted: () => ['Your ban was lifted.', 'good', null, {}],
  muted: (n) => [`You may not speak ${n.until_ms ? `until ${time(n.until_ms)}` : 'for good'}.${n.reason ? ` Reason: ${n.reason}` : ''}`, 'bad', 'chat', {}],
  mute_lifted: () => ['You may speak again.', 'good', 'chat', {}],
};

export const NOTICE_KINDS = Object.keys(KINDS);

export function words(notice, game) {
  const [kind, body] = Object.entries(notice)[0] ?? ['', {}];
  const entry = KINDS[kind];
  const [text, level, panel, params] = entry ? entry(body ?? {}, game) : [`Something happened: ${kind}.`, 'info', null, {}];
  return { kind, text, level, panel, params };
}
