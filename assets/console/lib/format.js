// Numbers, times and names as people read them. All take null/undefined and give '–'.
//
//   integer(12345) 12,345   decimal(1.234, 1) 1.2   compact(12345) 12.3K   credits(5) 5 cr   bytes(2048) 2.0 KiB   percent(99.95) 99.95 %
//   millis(12.3) 12.3 ms    micros(1500) 1.5 ms     duration(93784000) 1 d 2 h    seconds(75) 1 min 15 s
//   time(ms)  a <time> element: date and time here, with UTC and age as its tooltip       ago(ms)  a <time>: '3 min ago', 'in 2 h'
//   clock(ms) 14:03:22       stamp(ms) 2026-11-21 14:03:22 (text)      shortId(uuid) the last 8 characters, for tables
//   words('mission_end') 'mission end'     goods({iron: 3}) 'iron 3, …'

import { h } from './dom.js';

const NONE = '–';
const missing = (value) => value === null || value === undefined || Number.isNaN(value);
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

export const integer = (value) => (missing(value) ? NONE : whole.format(value));
export const compact = (value) => (missing(value) ? NONE : short.format(value));
export const decimal = (value, digits = 1) => (missing(value) ? NONE : Number(value).toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }));
export const credits = (value) => (missing(value) ? NONE : `${whole.format(value)} cr`);
export const percent = (value, digits = 1) => (missing(value) ? NONE : `${Number(Number(value).toFixed(digits))} %`);
export const millis = (value) => (missing(value) ? NONE : value >= 10_000 ? duration(value) : `${value >= 100 ? whole.format(value) : Number(Number(value).toPrecision(3))} ms`);
export const micros = (value) => (missing(value) ? NONE : millis(value / 1000));

export function bytes(value) {
  if (missing(value)) return NONE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = Number(value);
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${Math.round(size)} B` : `${size.toFixed(1)} ${units[unit]}`;
}

const UNITS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];

/** The two largest units. */
export function duration(ms) {
  if (missing(ms)) return NONE;
  let rest = Math.abs(ms);
  if (rest < 1000) return `${Math.round(rest)} ms`;
  const first = UNITS.findIndex(([size]) => rest >= size);
  return UNITS.slice(first, first + 2).map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? `${count} ${unit}` : '';
  }).filter(Boolean).join(' ');
}

export const seconds = (value) => (missing(value) ? NONE : duration(value * 1000));

const two = (number) => String(number).padStart(2, '0');

export function stamp(ms) {
  if (missing(ms)) return NONE;
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(ms)}`;
}

export function clock(ms) {
  if (missing(ms)) return NONE;
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function age(ms) {
  const difference = Date.now() - ms;
  if (Math.abs(difference) < 5000) return 'just now';
  const text = duration(difference).split(' ').slice(0, 2).join(' ');
  return difference > 0 ? `${text} ago` : `in ${text}`;
}

export const time = (ms) => (missing(ms) ? NONE : h('time', { datetime: new Date(ms).toISOString(), title: `${new Date(ms).toISOString()} · ${age(ms)}` }, stamp(ms)));
export const ago = (ms) => (missing(ms) ? NONE : h('time', { datetime: new Date(ms).toISOString(), title: stamp(ms) }, age(ms)));

export const shortId = (id) => (missing(id) ? NONE : String(id).slice(-8));
export const words = (key) => (missing(key) ? NONE : String(key).replaceAll('_', ' '));
export const goods = (map) => Object.entries(map ?? {}).map(([item, count]) => `${words(item)} ${integer(count)}`).join(', ') || NONE;
