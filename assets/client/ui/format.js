// Numbers, times and sizes as players read them. Everything is a text; nothing here touches the page.

import { STEPS_PER_UNIT } from '../orrery.js';

const whole = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** 12,345 */
export const number = (value) => (value === null || value === undefined ? '–' : whole.format(value));

/** 12,345 cr */
export const credits = (value) => (value === null || value === undefined ? '–' : `${whole.format(value)} cr`);

/** A word with its number: count(1, 'piece') is “1 piece”, count(3, 'piece') “3 pieces”. */
export const count = (value, word, many = `${word}s`) => `${number(value)} ${value === 1 ? word : many}`;

/** The word for one of what a name in the catalogue has many of: “Habitat module” of “Habitat modules”, “Relic of the First”; “Glass” stays as it is. */
export function single(name) {
  const [head, rest] = split(name, ' of ');
  if (/ies$/.test(head)) return `${head.slice(0, -3)}y${rest}`;
  if (/(?:s|x|z|ch|sh|n)ses$|(?:x|z|ch|sh)es$/.test(head)) return `${head.slice(0, -2)}${rest}`;
  return /[^asuiy]s$|[aeo]ys$/.test(head) ? `${head.slice(0, -1)}${rest}` : name;
}

const split = (text, by) => {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
};

/** Pieces of something that the catalogue names: goodsOf(1, 'Fuel cells') is “1 Fuel cell”, goodsOf(12, 'Water ice') “12 Water ice”. */
export const goodsOf = (quantity, name) => `${number(quantity)} ${quantity === 1 ? single(name) : name}`;

/** A name with its article: “a Sloop”, “an Ark”. */
export const article = (name) => `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;

/** “is” of one, “are” of all other numbers. */
export const areOf = (quantity) => (quantity === 1 ? 'is' : 'are');

/** A length of time in ms: 45 s, 12 min 5 s, 3 h 20 min, 4 d 2 h. */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const pair = (large, unit, small, smaller) => (small ? `${large} ${unit} ${small} ${smaller}` : `${large} ${unit}`);

/** The time until a moment (ms since 1970): 1:05, 2:03:09; “now” when it has come. */
export function countdown(untilMs, nowMs = Date.now()) {
  const seconds = Math.ceil((untilMs - nowMs) / 1000);
  if (seconds <= 0) return 'now';
  if (seconds >= 86400) return duration(seconds * 1000);
  const two = (value) => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A moment: the time of today, or the day with it. */
export function time(ms) {
  const date = new Date(ms);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : day.format(date);
}

/** How long ago: just now, 5 min ago, 14 Mar 12:30. */
export function ago(ms, nowMs = Date.now()) {
  const minutes = Math.floor((nowMs - ms) / 60000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return time(ms);
}

/** A distance in steps, told in units. */
export const distance = (steps) => count(Math.round(steps / STEPS_PER_UNIT), 'unit');

/** A share in per mille as per cent: 5 is 0.5 %. */
export const permille = (value) => `${(value / 10).toLocaleString('en', { maximumFractionDigits: 1 })} %`;

/** A fragment of the server's as a sentence: begins large, ends with a full stop. */
export const sentence = (text) => {
  const begun = String(text).trim().replace(/^./u, (first) => first.toUpperCase());
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
};

/** The catalogue's key of something without a name: ice_run is “Ice run”. */
export const fromKey = (key) => String(key).replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());

/**
 * Keeps texts that count down up to date, once a second, until `stop()`: ticking((nowMs) => …).
 * @returns {() => void} stop
 */
export function ticking(update) {
  update(Date.now());
  const timer = setInterval(() => update(Date.now()), 1000);
  return () => clearInterval(timer);
}
