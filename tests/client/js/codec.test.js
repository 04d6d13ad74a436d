// The MessagePack codec beyond what vectors show: its edges, and what it refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, decodeMessagePack, encodeMessagePack } from '../../../assets/client/orrery.js';

const bytes = (/** @type {string} */ hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (/** @type {any} */ value) => Buffer.from(encodeMessagePack(value)).toString('hex');

test('whole numbers take the shortest form, on both sides of every border', () => {
  /** @type {[number, string][]} */
  const forms = [
    [0, '00'], [127, '7f'], [128, 'cc80'], [255, 'ccff'], [256, 'cd0100'], [65_535, 'cdffff'], [65_536, 'ce00010000'],
    [4_294_967_295, 'ceffffffff'], [4_294_967_296, 'cf0000000100000000'], [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [-1, 'ff'], [-32, 'e0'], [-33, 'd0df'], [-128, 'd080'], [-129, 'd1ff7f'], [-32_768, 'd18000'], [-32_769, 'd2ffff7fff'],
    [-2_147_483_648, 'd280000000'], [-2_147_483_649, 'd3ffffffff7fffffff'], [Number.MIN_SAFE_INTEGER, 'd3ffe0000000000001'],
  ];
  for (const [value, form] of forms) {
    assert.equal(hex(value), form, String(value));
    assert.equal(decodeMessagePack(bytes(form)), value);
  }
});

test('numbers that are not whole are doubles, and floats are read', () => {
  assert.equal(hex(0.5), 'cb3fe0000000000000');
  assert.equal(decodeMessagePack(bytes('ca3f000000')), 0.5);
  assert.equal(decodeMessagePack(encodeMessagePack(-1.5e-300)), -1.5e-300);
});

test('values of every length come back', () => {
  for (const length of [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
    const text = 'é'.repeat(Math.ceil(length / 2)).slice(0, length);
    const array = Array.from({ length }, (_, index) => index);
    const map = Object.fromEntries(array.slice(0, 70_000).map((index) => [`k${index}`, index]));
    for (const value of [text, array, map]) assert.equal(JSON.stringify(decodeMessagePack(encodeMessagePack(value))), JSON.stringify(value));
  }
  for (const value of [null, true, false, '🚀', [], {}, { a: [{ b: null }] }]) assert.deepEqual(decodeMessagePack(encodeMessagePack(value)), value);
});

test('fields that are undefined are left out, as JSON leaves them out', () => {
  assert.equal(hex({ to: [1, 2], stop: undefined }), hex({ to: [1, 2] }));
});

test('a key named like the prototype is a key like any other', () => {
  const value = decodeMessagePack(bytes('81a95f5f70726f746f5f5f81a16101'));
  assert.deepEqual(Object.entries(value), [['__proto__', { a: 1 }]]);
  assert.equal(value.a, undefined);
});

test('numbers that would lose digits are refused, not rounded', () => {
  for (const form of ['cf0020000000000000', 'cfffffffffffffffff', 'd38000000000000000']) assert.throws(() => decodeMessagePack(bytes(form)), RangeError);
  assert.throws(() => encodeMessagePack(2 ** 53), RangeError);
});

test('what is not one whole value is refused, whatever lengths it claims', () => {
  const wrong = ['', '92', '9201', '0101', 'c1', 'dd7fffffff01', 'df7fffffff01', 'dbffffffff61', 'cd01', 'a2ff', '8101', 'd40100', 'a2c328', '91'.repeat(40) + '01'];
  for (const form of wrong) assert.throws(() => decodeMessagePack(bytes(form)), Error, form);
});

test('what is no message is refused', () => {
  for (const text of ['', '{}', '[]', '["a"]', '[1,{}]', '"a"']) assert.throws(() => decode('json', text), text);
  assert.throws(() => decode('msgpack', '["a",{}]'), TypeError);
});
