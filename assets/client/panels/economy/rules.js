// The economy's arithmetic and bounds, as the server has them: fees are rounded up, taxes and refunds down, and everything stays within 2^53 - 1.
// Pure: numbers in, numbers or sentences out. Forms ask it before they send; the server decides all the same.

import { goodsOf } from '../../ui/format.js';

export const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;

/** a × b, or null when it is beyond what a wallet can hold. */
export function product(a, b) {
  const result = BigInt(a) * BigInt(b);
  return result <= BigInt(AMOUNT_MAX) ? Number(result) : null;
}

/** a + b, or null when it is beyond what a wallet can hold. */
export function sum(a, b) {
  const result = a + b;
  return Number.isSafeInteger(result) ? result : null;
}

/** floor(amount × part / whole), without rounding on the way. */
export function shareDown(amount, part, whole = 1000) {
  return Number((BigInt(amount) * BigInt(part)) / BigInt(whole));
}

/** The least whole number that is at least amount × permille / 1000. */
export function shareUp(amount, permille) {
  return Math.min(amount, Number((BigInt(amount) * BigInt(permille) + 999n) / 1000n));
}

/** What it costs to offer goods or a reward of this value. */
export const listingFee = (economy, value) => shareUp(value, economy.market.listing_fee_permille);

/** What the treasury takes of one sale to another player. */
export const saleTax = (economy, value) => Math.min(value, shareDown(value, economy.market.sale_tax_permille));

/** What the treasury takes when a hub pays `paid` into a wallet that holds `wallet`. */
export function hubTax(economy, wallet, paid) {
  const brackets = economy.hub_tax ?? [];
  const [low, high] = [BigInt(wallet), BigInt(wallet) + BigInt(paid)];
  let tax = 0n;
  brackets.forEach((bracket, index) => {
    const until = index + 1 < brackets.length ? BigInt(brackets[index + 1].above) : high;
    const top = high < until ? high : until;
    const bottom = low > BigInt(bracket.above) ? low : BigInt(bracket.above);
    if (top > bottom) tax += (top - bottom) * BigInt(bracket.permille);
  });
  return Math.min(paid, Number(tax / 1000n));
}

/** What a cancelled research brings back at a time: the share of the price that belongs to the time left. */
export function researchRefund({ cost, startedMs, dueMs }, nowMs) {
  const total = Math.max(1, dueMs - startedMs);
  const left = Math.min(total, Math.max(0, dueMs - nowMs));
  return shareDown(cost, Math.floor(left), total);
}

/** What a cancelled crafting job brings back: all of it before it begins, then the catalogue's share of each. */
export function craftRefund(economy, blueprint, job, nowMs) {
  const permille = job.starts_ms > nowMs ? 1000 : economy.craft.refund_permille;
  const goods = Object.entries(blueprint.inputs)
    .map(([item, quantity]) => ({ item, quantity: shareDown(quantity * job.runs, permille) }))
    .filter(({ quantity }) => quantity > 0);
  return { goods, credits: shareDown(blueprint.fee * job.runs, permille) };
}

/** What a new ship costs who has the old one: its price less half the old one's, never less than nothing. */
export const shipPrice = (ships, current, wanted) => Math.max(0, ships[wanted].price - Math.floor((ships[current]?.price ?? 0) / 2));

/** The whole number that somebody typed, or null while there is none. */
export const wholeNumber = (text) => (/^-?\d+$/.test(text.trim()) ? Number(text) : null);

/** Why this is no amount, or null. */
export function amountProblem(value, { least = 1, most = AMOUNT_MAX } = {}) {
  if (value === null) return 'Enter a whole number.';
  if (!Number.isSafeInteger(value)) return 'Enter a whole number that is not that large.';
  if (value < least) return least === most ? `It must be ${least}.` : `At least ${grouped(least)}.`;
  if (value > most) return `At most ${grouped(most)}.`;
  return null;
}

/** Why the wallet does not suffice, or null. */
export function creditsProblem(needed, have) {
  if (needed === null) return 'That is more than any wallet can hold.';
  return needed > have ? `You have ${grouped(have)} cr, and this takes ${grouped(needed)} cr.` : null;
}

/** Why the goods do not suffice, or null. */
export function goodsProblem(needed, have, name, where = 'there') {
  if (needed <= have) return null;
  return have === 0 ? `You have no ${name} ${where}.` : `You have ${goodsOf(have, name)} ${where}, and this takes ${grouped(needed)}.`;
}

/** Why such a time cannot be, or null: `rules` are the catalogue's of auctions or contracts. */
export function secondsProblem(seconds, rules) {
  if (seconds === null) return 'Choose how long it lasts.';
  if (seconds < rules.seconds_min) return `It must last ${longWords(rules.seconds_min)} at least.`;
  if (seconds > rules.seconds_max) return `It must last ${longWords(rules.seconds_max)} at most.`;
  return null;
}

/** 12345 → "12,345", with the page's way to group digits. */
export const grouped = (value) => Number(value).toLocaleString('en-US');

/** 3661 → "1 hour 1 minute": the two largest parts. */
export function longWords(seconds) {
  const parts = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];
  const words = [];
  let left = Math.max(0, Math.round(seconds));
  for (const [name, size] of parts) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) words.push(`${count} ${name}${count === 1 ? '' : 's'}`);
  }
  return words.slice(0, 2).join(' ') || '0 seconds';
}
