// The view's rules that need no canvas: what is in reach, keys, ways through the galaxy, names, the camera.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Camera } from '../../../../assets/client/view/camera.js';
import { HeadingKeys, INTERVAL_MS, LINGER_MS } from '../../../../assets/client/view/heading.js';
import { chooseLabels, freeRow } from '../../../../assets/client/view/labels.js';
import { Meter } from '../../../../assets/client/view/meter.js';
import { approach, inReach, leftWords, nearestField, nearestPlace, untilReach } from '../../../../assets/client/view/reach.js';
import { gateLine, layout, route } from '../../../../assets/client/view/route.js';

const gate = (key, at, to) => ({ key, at, range_units: 60, to_sector: to, to_gate: `${to}_back` });
const sector = (key, number, gates) => ({ key, number, name: key, size_units: 1000, hubs: [], gates });
const GALAXY = {
  a: sector('a', 1, [gate('a_b', [950, 500], 'b'), gate('a_c', [500, 50], 'c')]),
  b: sector('b', 2, [gate('b_a', [50, 500], 'a'), gate('b_d', [950, 500], 'd')]),
  c: sector('c', 3, [gate('c_a', [500, 950], 'a')]),
  d: sector('d', 4, [gate('d_b', [50, 500], 'b')]),
  far: sector('far', 5, []),
};

test('a route names the gates in the order of flight, and there may be none', () => {
  assert.deepEqual(route(GALAXY, 'c', 'd').map(({ key }) => key), ['c_a', 'a_b', 'b_d']);
  assert.deepEqual(route(GALAXY, 'a', 'a'), []);
  assert.equal(route(GALAXY, 'a', 'far'), null);
  assert.equal(route(GALAXY, 'a', 'nowhere'), null);
});

test('the map of the galaxy lies as the gates do, no two sectors on one place', () => {
  const places = layout(GALAXY);
  assert.ok(places.get('b').x > places.get('a').x, 'the gate to b lies in the east');
  assert.ok(places.get('c').y < places.get('a').y, 'the gate to c lies in the south');
  for (const [left, one] of places) {
    assert.ok(one.x >= 0 && one.x <= 1 && one.y >= 0 && one.y <= 1);
    for (const [right, other] of places) if (left !== right) assert.ok(Math.hypot(one.x - other.x, one.y - other.y) > 0.1, `${left} and ${right}`);
  }
});

test('a gate’s line bends around a sector that it does not lead to, the same way from both ends', () => {
  const stars = [{ key: 'a', x: 0, y: 0 }, { key: 'b', x: 200, y: 0 }, { key: 'between', x: 100, y: -5 }];
  const line = gateLine(stars, 'a', 'b');
  assert.match(line, /Q100 -\d/);
  assert.equal(gateLine(stars, 'b', 'a'), line);
  assert.equal(gateLine(stars.slice(0, 2), 'a', 'b'), 'M0 0L200 0');
});

test('in reach is what the range includes, objects nearest first', () => {
  const here = { ...GALAXY.a, hubs: [{ key: 'hub', at: [100, 100], range_units: 80 }] };
  const objects = [{ id: 1, kind: 'ice', at: [100 * 256, 120 * 256] }, { id: 2, kind: 'ice', at: [100 * 256, 105 * 256] }, { id: 3, kind: 'ice', at: [100 * 256, 131 * 256] }];
  const reach = inReach({ at: [100 * 256, 100 * 256], sector: here, objects, collectRange: 30 * 256 });
  assert.equal(reach.hub.key, 'hub');
  assert.equal(reach.gate, null);
  assert.deepEqual(reach.objects.map(({ id }) => id), [2, 1]);
  assert.equal(inReach({ at: [180 * 256, 100 * 256], sector: here, objects: [], collectRange: 1 }).hub.key, 'hub', 'the edge belongs to it');
  assert.equal(inReach({ at: [180 * 256 + 1, 100 * 256], sector: here, objects: [], collectRange: 1 }).hub, null);
});

test('the way to something ends as far from it as asked', () => {
  assert.equal(approach([0, 0], [1000, 0], 1000), null);
  assert.deepEqual(approach([0, 0], [1000, 0], 400), [600, 0]);
  assert.equal(nearestPlace(GALAXY.a.gates, [256 * 900, 256 * 500]).place.key, 'a_b');
});

test('a distance is what is left until something is in reach', () => {
  assert.deepEqual(nearestPlace([gate('near', [100, 0]), { ...gate('wide', [300, 0]), range_units: 290 }], [0, 0]).place.key, 'wide');
  assert.deepEqual([untilReach(1000, 400), untilReach(300, 400)], [600, 0]);
  assert.deepEqual([leftWords(0), leftWords(1), leftWords(256 * 1200)], ['in reach', '1\u00a0u', '1,200\u00a0u']);
});

test('who sees nothing to collect is led to where it appears, and on when there already', () => {
  const here = { spawns: [{ kind: 'ice', center: [500, 500], radius_units: 100 }, { kind: 'ore', center: [900, 500], radius_units: 100 }] };
  assert.deepEqual(nearestField(here, [500 * 256, 0]), [500 * 256, 440 * 256]);
  const onward = nearestField(here, [500 * 256, 500 * 256], (kind) => kind === 'ice');
  assert.ok(Math.hypot(onward[0] / 256 - 500, onward[1] / 256 - 500) > 50);
  assert.equal(nearestField(here, [0, 0], (kind) => kind === 'gas'), null);
  assert.equal(nearestField({}, [0, 0]), null);
});

test('two keys are one diagonal heading, also while they are let go of one after the other', () => {
  const keys = new HeadingKeys();
  assert.ok(keys.press('KeyW', 0));
  assert.deepEqual(keys.due(0), [0, 1]);
  keys.press('KeyD', 10);
  assert.equal(keys.due(20), null, 'not so soon after the last one');
  assert.deepEqual(keys.due(INTERVAL_MS), [1, 1]);
  keys.release('KeyW', 500);
  assert.equal(keys.due(500 + LINGER_MS / 2), null);
  keys.release('KeyD', 560);
  assert.equal(keys.due(1000), null, 'the heading stays');
});

test('keys held or hammered send a bounded number of commands', () => {
  const keys = new HeadingKeys();
  let sent = 0;
  for (let now = 0; now < 1000; now += 5) {
    keys.press(now % 10 === 0 ? 'KeyA' : 'KeyD', now);
    keys.release(now % 10 === 0 ? 'KeyD' : 'KeyA', now);
    if (keys.due(now + 4)) sent += 1;
  }
  for (let now = 1000; now < 2000; now += 5) {
    keys.press('KeyW', now);
    if (keys.due(now)) sent += 1;
  }
  assert.ok(sent <= 2000 / INTERVAL_MS + 1);
  assert.ok(!keys.press('KeyQ', 0));
});

test('opposite keys mean nothing', () => {
  const keys = new HeadingKeys();
  keys.press('KeyA', 0);
  keys.press('ArrowRight', 0);
  assert.equal(keys.due(1000), null);
});

test('names do not cover one another, and those shown stay', () => {
  const name = (id, x, y, priority) => ({ id, x, y, width: 50, priority });
  assert.deepEqual([...chooseLabels([name(1, 0, 0, 1), name(2, 30, 6, 2), name(3, 100, 0, 0)], { max: 9, shown: new Set() })], [2, 3]);
  assert.deepEqual([...chooseLabels([name(1, 0, 0, 1), name(2, 30, 6, 2)], { max: 9, shown: new Set([1]) })], [1]);
  assert.equal(chooseLabels([name(1, 0, 0, 1), name(2, 500, 6, 2)], { max: 1, shown: new Set() }).size, 1);
});

test('the own name is always there, beside what is in its way', () => {
  const place = { x: 0, y: 0, width: 50 };
  const own = { id: 1, x: 20, y: 4, width: 50, priority: 1, always: true };
  assert.deepEqual([...chooseLabels([own], { max: 9, shown: new Set(), taken: [place] })], [1]);
  const shift = freeRow([place], own);
  assert.ok(shift !== 0 && Math.abs(own.y + shift - place.y) >= 14);
  assert.equal(freeRow([place], { ...own, x: 60 }), 0);
});

test('zooming keeps the point under the pointer, unless the ship is followed', () => {
  const camera = new Camera();
  camera.resize(800, 600);
  camera.setWorld(2000, 200);
  camera.goTo(1000, 1000);
  const before = [camera.worldX(600), camera.worldY(100)];
  camera.zoom(1.5, 600, 100);
  assert.ok(Math.abs(camera.worldX(600) - before[0]) < 1e-9 && Math.abs(camera.worldY(100) - before[1]) < 1e-9);
  camera.follow();
  for (let frame = 0; frame < 200; frame += 1) camera.advance({ x: 500, y: 400 }, 16, false);
  assert.ok(Math.hypot(camera.x - 500, camera.y - 400) < 1);
  camera.zoom(0.5, 10, 10);
  assert.ok(Math.hypot(camera.x - 500, camera.y - 400) < 1);
});

test('the meter tells frames per second and the time that each took', () => {
  const meter = new Meter();
  for (let frame = 0; frame < 500; frame += 1) meter.frame(frame * 20, frame * 20 + (frame % 10 === 0 ? 9 : 3), 42);
  const { fps, frameMs, gapMs, drawn } = meter.stats();
  assert.ok(Math.abs(fps - 50) < 1e-6);
  assert.deepEqual([frameMs.p50, frameMs.p95, gapMs.p50, drawn], [3, 9, 20, 42]);
});
