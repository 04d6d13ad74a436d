// Every error code and every close code of the protocol in words for players. A test compares both lists with PROTOCOL.md.
//
//   explain(refusal, name)   a sentence for a Refusal (or any error); `name(kind, key)` gives the catalogue's names
//   CLOSES[4009]             { title, text, again }: what happened to the connection; `again` is the label of the button that goes on, if one makes sense
//
// `details` of a refusal are the numbers that the protocol tells with its code.

import { areOf, count, countdown, credits, distance, duration, number, sentence, time } from './format.js';

const fragment = (text) => sentence(text).replace(/^./u, () => text.trim()[0]);
const wait = ({ retryAfterMs }) => (retryAfterMs ? ` Try again in ${duration(Math.max(1000, retryAfterMs))}.` : ' Try again in a moment.');
const until = (details) => (details.until_ms ? ` until ${time(details.until_ms)}` : ' for good');
const because = (details) => (details.reason ? ` Reason: ${details.reason}` : '');

/** Code → a text, or a function of (details, refusal, name). */
export const REFUSALS = {
  unknown_type: 'This server does not know that command. Reload the page to get its newest version.',
  bad_request: (_, { message }) => `That is not possible: ${message ? fragment(message) : 'a value is missing or out of range.'}`,
  id_required: 'The command was sent without its number. Reload the page to get its newest version.',
  id_reused: 'The command’s number was used before. Please try again.',
  rate_limited: (_, refusal) => `Too fast: you have done a lot in a short time.${wait(refusal)}`,
  busy: (_, refusal) => `The server is busy; nothing happened.${wait(refusal)}`,
  // Of questions, flights and log-ins: with these two the library repeats a deal until it is decided, and nobody is told of them.
  storage_unavailable: (_, refusal) => `The server cannot save just now.${wait(refusal)}`,
  internal: (_, refusal) => `Something failed on the server.${wait(refusal)}`,
  maintenance: (_, refusal) => `The galaxy is closed for maintenance${refusal.message ? `: ${sentence(refusal.message)}` : '.'}${wait(refusal)}`,
  not_authenticated: 'Name or password is wrong, or your log-in has expired.',
  disabled: 'This is switched off on this server.',
  in_transit: 'Your ship is between two worlds. Try again when it has arrived.',
  object_gone: 'It is gone: somebody else was faster.',
  out_of_range: ({ distance: away, range }) => (away === undefined ? 'Too far away. Fly closer.' : `Too far away: ${distance(away - range)} until it is in reach. Fly closer.`),
  cargo_full: ({ needed, free }) => (needed === undefined ? 'Your hold is full.' : `Not enough room in the hold: ${number(needed)} needed, ${number(free)} free.`),
  unknown_gate: 'There is no such gate in this world.',
  unknown_hub: 'There is no such hub in this world.',
  unknown_item: 'There are no such goods.',
  not_bought: 'This hub does not buy that.',
  not_enough_goods: ({ have, item, needed }, _, name) => `Not enough ${item ? name('item', item) : 'goods'}${needed === undefined ? '' : `: ${number(needed)} needed`}${have === undefined ? '' : `, you have ${number(have)}`}.`,
  not_enough_credits: ({ needed, have }) => (needed === undefined ? 'Not enough credits.' : `Not enough credits: ${credits(needed)} needed, ${credits(have)} there.`),
  amount_too_large: 'The amount is too large.',
  unknown_tech: 'There is no such technology.',
  already_known: 'You know this technology already.',
  requirement_missing: ({ missing }, _, name) => (missing ? `Research ${name('tech', missing)} first.` : 'A technology is missing for this.'),
  research_running: ({ tech, due_ms: due }, _, name) => `You are researching ${tech ? name('tech', tech) : 'something'} already${due ? `; it is done in ${countdown(due)}` : ''}.`,
  no_research: 'No research is under way.',
  not_found: 'It is not there any more: filled, cancelled or expired.',
  not_yours: 'It belongs to somebody else.',
  own_offer: 'That is your own offer: nobody trades with themselves.',
  price_changed: ({ price }) => (price === undefined ? 'The price has changed. Look again.' : `The price has changed: it is ${credits(price)} now.`),
  not_available: ({ available }) => (available === undefined ? 'Fewer are offered now.' : `Only ${number(available)} ${areOf(available)} left.`),
  bid_too_low: ({ minimum }) => (minimum === undefined ? 'The bid is too low.' : `The bid is too low: ${credits(minimum)} is the least.`),
  ended: 'It is over.',
  committed: 'It cannot be taken back: somebody has bid or accepted.',
  not_accepted: 'Somebody else has accepted this contract, or you have not.',
  limit_reached: ({ limit, used }) => `That is beyond a limit${limit === undefined ? '' : `: ${number(limit)} is the most`}.${used ? ` You have used ${number(used)} of it.` : ''}`,
  not_sold: 'This hub does not sell or make that.',
  unknown_blueprint: 'There is no such blueprint.',
  unknown_ship: 'There is no such ship.',
  unknown_player: 'There is no such player.',
  unknown_mission: 'There is no such mission, or not any more.',
  not_joined: 'Join the mission first.',
  not_needed: ({ item, needed }, _, name) => (item && needed !== undefined ? `Only ${count(needed, 'piece')} of ${name('item', item)} ${areOf(needed)} still needed.` : 'This is not needed, or not any more.'),
  unknown_guild: 'There is no such guild, or not any more.',
  in_guild: 'The player is in a guild already. Leave the old one first.',
  no_guild: 'You are in no guild.',
  not_invited: 'This guild has not invited you, or the invitation has expired.',
  not_allowed: 'Your role in the guild does not allow this.',
  name_taken: 'The name is taken. Choose another one.',
  blocked: 'This player cannot be reached: one of you has blocked the other.',
  banned: (details) => `The operators have shut you out${until(details)}.${because(details)}`,
  muted: (details) => `The operators do not let you speak${until(details)}.${because(details)}`,
  // Of the HTTP API.
  already_claimed: 'This account has a name and password already.',
  method_not_allowed: 'The server does not understand this request. Reload the page to get its newest version.',
  payload_too_large: 'That is too much text.',
  unsupported_media_type: 'The server does not understand this request. Reload the page to get its newest version.',
  request_timeout: 'The request took too long. Try again.',
  origin_not_allowed: 'This page’s address may not use this server.',
  // The page’s own.
  connection_lost: 'The connection was lost before the answer came. Try again.',
  not_connected: 'There is no connection just now. Try again when it is back.',
  outcome_unknown: 'Nobody can tell any more whether this was done. Look at what you have before you try again.',
};

export function explain(error, name = (_, key) => key) {
  const entry = REFUSALS[error?.code];
  if (typeof entry === 'function') return entry(error.details ?? {}, error, name);
  if (entry) return entry;
  // Fetch says only this much of a server that is not there.
  if (error instanceof TypeError) return 'The server does not answer. Check your connection.';
  return error?.message ? `That did not work: ${error.message}` : 'That did not work.';
}

const MEND = 'The page and the server do not understand each other. Reload the page to get its newest version.';

export const CLOSES = {
  1000: { title: 'You have left', text: 'Your ship has left space. Everything you own is safe.', again: 'Fly again' },
  1002: { title: 'Disconnected', text: MEND, again: 'Reload' },
  1003: { title: 'Disconnected', text: MEND, again: 'Reload' },
  1006: { title: 'Connection lost', text: 'The network dropped the connection.', again: 'Connect again' },
  1007: { title: 'Disconnected', text: MEND, again: 'Reload' },
  1009: { title: 'Disconnected', text: 'A message was too large for the server.', again: 'Connect again' },
  1011: { title: 'The server failed', text: 'Something broke on the server. Nothing you were told of is lost.', again: 'Connect again' },
  1012: { title: 'The server restarts', text: 'It is back soon. Nothing you were told of is lost.', again: 'Connect again' },
  1013: { title: 'No room just now', text: 'The server is full or closed for maintenance.', again: 'Connect again' },
  4000: { title: 'Disconnected', text: MEND, again: 'Reload' },
  4001: { title: 'Your log-in has expired', text: 'Please log in again. Nothing is lost.', again: 'Log in' },
  4003: { title: 'The operators have sent you away', text: 'You were disconnected by an operator.', again: 'Try again' },
  4008: { title: 'Connection too slow', text: 'Your connection was silent or could not keep up.', again: 'Connect again' },
  4009: { title: 'You play on another page', text: 'This account was opened somewhere else, in another tab or on another device. One page at a time can fly your ship.', again: 'Play here' },
  4029: { title: 'Too many messages', text: 'The server got more from this address than it allows.', again: 'Connect again' },
};

export const closeWords = (code) => CLOSES[code] ?? { title: 'Disconnected', text: `The connection was closed (${code ?? 'no reason given'}).`, again: 'Connect again' };
