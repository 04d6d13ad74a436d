// The library against the protocol's conformance vectors, which are made from the server's own types.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Grid, Picture, decode, decodeMessagePack, encode, encodeMessagePack, positionAt, positionBetween } from '../../../assets/client/orrery.js';

/** @param {string} name */
const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../src/core/protocol/vectors/${name}.json`, import.meta.url), 'utf8'));

test('every message is read from both encodings, and written to the same bytes again', () => {
  const { messages } = vectors('messages');
  assert.ok(messages.length > 100);
  for (const { name, value, json, msgpack } of messages) {
    const bytes = Buffer.from(msgpack, 'hex');
    const [type, body, id = null, number = null] = value;
    for (const decoded of [decode('json', json), decode('msgpack', bytes), decode('json', Buffer.from(json))]) {
      assert.deepEqual(decoded, { type, body, id, number }, name);
    }
    assert.deepEqual(decodeMessagePack(bytes), value, name);
    assert.equal(Buffer.from(encodeMessagePack(value)).toString('hex'), msgpack, name);
    assert.equal(JSON.stringify(value), json, name);
  }
});

test('a message of the client is written with type, body and id', () => {
  const own = vectors('messages').messages.filter((/** @type {any} */ { from }) => from === 'client');
  assert.ok(own.length > 50);
  for (const { name, value: [type, body, id], json, msgpack } of own) {
    assert.equal(encode('json', { type, body, id }), json, name);
    assert.equal(Buffer.from(encode('msgpack', { type, body, id })).toString('hex'), msgpack, name);
  }
});

test('what a later server may send is read as well', () => {
  const { spellings, ignored } = vectors('messages');
  for (const { name, json } of [...spellings, ...ignored].filter(({ json: text }) => text)) {
    assert.equal(decode('json', json).type, JSON.parse(json)[0], name);
  }
});

test('a ship is where the server has it, at every tick and however its course was told', () => {
  const { courses } = vectors('courses');
  assert.ok(courses.length > 20);
  for (const { name, from, to, departs, arrives, positions, frames } of courses) {
    const course = { from, to, departs, arrives };
    for (const [tick, ...at] of positions) assert.deepEqual(positionAt(course, tick), at, `${name}, tick ${tick}`);
    for (const frame of frames) {
      const told = toldAt(frame);
      const later = positions.filter((/** @type {number[]} */ [tick]) => tick >= frame[0]);
      for (const [tick, ...at] of later) assert.deepEqual(positionAt(told, tick), at, `${name}, told at ${frame[0]}, tick ${tick}`);
    }
  }
});

test('between two ticks a ship is drawn less than a step from both roundings', () => {
  for (const { name, from, to, departs, arrives, positions } of vectors('courses').courses) {
    for (const [tick, x, y] of positions) {
      const [drawnX, drawnY] = positionBetween({ from, to, departs, arrives }, tick);
      assert.ok(drawnX - x > -1e-3 && drawnX - x < 1.001 && drawnY - y > -1e-3 && drawnY - y < 1.001, `${name}, tick ${tick}`);
    }
  }
});

test('every point is in the cell that the server puts it into', () => {
  for (const vector of vectors('grid').grids) {
    const grid = new Grid({ sizeUnits: vector.size_units, cellUnits: vector.cell_units });
    assert.equal(grid.columns, vector.columns);
    for (const [x, y, cell] of vector.points) assert.equal(grid.cellOf([x, y]), cell, `${x}, ${y}`);
    for (const { anchor, cells } of vector.views) {
      assert.deepEqual(grid.neighbours(anchor, vector.radius_units, vector.hysteresis_units), cells, `from ${anchor}`);
    }
    for (const [anchor, x, y, keeps] of vector.anchors) {
      const slack = vector.hysteresis_units * 256;
      assert.equal(Math.max(...grid.gap(anchor, [x, y])) <= slack, keeps, `${anchor} from ${x}, ${y}`);
    }
  }
});

test('cells add up to the same picture, step by step', () => {
  const { pictures } = vectors('pictures');
  assert.ok(pictures.length > 20);
  for (const { name, steps } of pictures) {
    const picture = new Picture();
    for (const [index, { cells, ignored, picture: expected }] of steps.entries()) {
      picture.apply(cells);
      assert.deepEqual(stated(picture), expected, `${name}, step ${index + 1}`);
      assert.equal(picture.fault !== null, ignored, `${name}, step ${index + 1}: ${picture.fault}`);
    }
  }
});

/**
 * The course as a picture makes it from a frame's entry.
 * @param {number[]} frame
 */
function toldAt([tick, ...course]) {
  const picture = new Picture();
  picture.apply([1, tick, [[7, 1, [[1, 5, ...course, 'sloop', 'Ada']]]]]);
  return /** @type {import('../../../assets/client/orrery.js').SeenShip} */ (picture.ships.get(5)).course;
}

/**
 * A picture as vectors state it.
 * @param {Picture} picture
 */
function stated({ worldNumber, tick, cells, ships, objects }) {
  const byId = (/** @type {{ id: number }} */ one, /** @type {{ id: number }} */ other) => one.id - other.id;
  return {
    cells: [...cells].sort((one, other) => one - other),
    objects: [...objects.values()].sort(byId),
    ships: [...ships.values()].sort(byId).map((ship) => ({ ...ship, position: positionAt(ship.course, tick) })),
    tick,
    world_number: worldNumber,
  };
}
