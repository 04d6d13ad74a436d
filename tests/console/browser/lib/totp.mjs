// Codes of a second factor (RFC 6238: SHA-1, six digits, 30 seconds), as an authenticator computes them.

import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;

function decode(base32) {
  const bits = [...base32.replace(/=+$/, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

export const stepOf = (ms) => Math.floor(ms / STEP_MS);

export function codeAt(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', decode(secret)).update(counter).digest();
  const at = digest[digest.length - 1] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A code that was not used yet: one of a step works once only. Waits for the next step if it must. Returns {code, step}. */
export async function freshCode(secret, usedStep) {
  while (stepOf(Date.now()) <= usedStep) await new Promise((resolve) => setTimeout(resolve, 200));
  const step = stepOf(Date.now());
  return { code: codeAt(secret, step), step };
}
