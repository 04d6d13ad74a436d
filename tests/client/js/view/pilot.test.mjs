// What the pilot's orders send to the server, with a server of a few lines: a ship that is where its course says, at a tick that the test sets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pilot } from '../../../../assets/client/view/pilot.js';
import { courseX, courseY } from '../../../../assets/client/view/smoothing.js';

const U = 256;
const SPEED = 50 * U / 20;

function world({ refuse = () => null } = {}) {
  const ship = { id: 1, kind: 'sloop', name: 'Ada', course: { from: [0, 0], to: [0, 0], departs: 0, arrives: 0 } };
  const client = {
    now: 0,
    state: { phase: 'online' },
    world: { key: 'sol', number: 1, ship: 1, sizeUnits: 1000 },
    clock: { tick: () => client.now, tickMs: 50 },
    picture: { ships: new Map([[1, ship]]), objects: new Map() },
  };
  const sent = [];
  const toasts = [];
  const at = () => [Math.floor(courseX(ship.course, client.now)), Math.floor(courseY(ship.course, client.now))];
  const fly = (to) => {
    const from = at();
    ship.course = { from, to, departs: client.now, arrives: client.now + Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / SPEED) };
  };
  const game = {
    client,
    state: { stats: { collect_range: 30 * U }, hub: null, gate: null },
    catalog: { start: { ship: 'sloop' }, ships: {}, sectors: { sol: { hubs: [], gates: [{ key: 'sol_vega', at: [500, 0], range_units: 60, to_sector: 'vega' }] } } },
    name: (kind, key) => key,
    position: at,
    explain: (error) => error.code,
    toast: (text) => toasts.push(text),
    async act(type, body) {
      sent.push([type, body]);
      const code = refuse(type, body, at());
      if (code) throw Object.assign(new Error(code), { code });
      if (type === 'navigate' && body.to) fly(body.to);
      if (type === 'collect') client.picture.objects.delete(body.object);
      return { item: 'ice', quantity: 1 };
    },
  };
  const pilot = new Pilot(game, { ripple() {} });
  const began = performance.now();
  /** So many ticks, as the view runs them: the pilot ten times a second. */
  const run = async (ticks) => {
    for (let tick = 0; tick < ticks; tick += 2) {
      client.now += 2;
      pilot.update(began + client.now * 50);
      await new Promise(setImmediate);
    }
  };
  const put = (id, x, y) => client.picture.objects.set(id, { id, cell: 0, kind: 'ice_chunk', at: [x * U, y * U] });
  const kinds = () => sent.map(([type]) => type);
  return { pilot, client, game, sent, toasts, run, put, ship, kinds };
}

test('what is in reach is collected at once, what is not is flown to first', async () => {
  const { pilot, put, run, kinds, client } = world();
  put(7, 10, 0);
  await pilot.collect(7);
  assert.deepEqual(kinds(), ['collect']);
  put(8, 200, 0);
  pilot.collect(8);
  await run(200);
  assert.deepEqual(kinds(), ['collect', 'navigate', 'collect']);
  assert.equal(client.picture.objects.size, 0);
  assert.equal(pilot.order, null);
});

test('when the server says that it is too far away, the ship goes nearer', async () => {
  let ahead = true;
  const { pilot, put, run, kinds, toasts, ship } = world({ refuse: (type, body, at) => (type === 'collect' && ahead && at[0] < 150 * U ? 'out_of_range' : null) });
  put(8, 160, 0);
  pilot.collect(8);
  await run(300);
  assert.equal(kinds().at(-1), 'collect');
  assert.ok(ship.course.to[0] > 150 * U);
  assert.deepEqual(toasts, []);
  assert.equal(pilot.order, null);
  ahead = false;
});

test('an object that is gone ends the order with a word', async () => {
  const { pilot, put, run, client, toasts } = world();
  put(8, 300, 0);
  pilot.collect(8);
  await run(4);
  client.picture.objects.delete(8);
  await run(20);
  assert.equal(pilot.order, null);
  assert.equal(toasts.length, 1);
});

test('a refusal that has nothing to do with the distance is told once and ends the order', async () => {
  const { pilot, put, run, kinds, toasts } = world({ refuse: (type) => (type === 'collect' ? 'cargo_full' : null) });
  put(8, 100, 0);
  pilot.collect(8);
  await run(200);
  assert.deepEqual(kinds().filter((kind) => kind === 'collect'), ['collect']);
  assert.deepEqual(toasts, ['cargo_full']);
  assert.equal(pilot.order, null);
});

test('another order takes the place of the one before, and the wheel in the hand ends both', async () => {
  const { pilot, put, run, kinds } = world();
  put(8, 300, 0);
  put(9, 0, 300);
  pilot.collect(8);
  await run(10);
  pilot.collect(9);
  assert.equal(pilot.order.id, 9);
  pilot.head([1, 0]);
  assert.equal(pilot.order, null);
  await run(400);
  assert.ok(!kinds().includes('collect'));
});

test('the mark of a click stays until the course is known, also when the flight is refused', async () => {
  const { pilot } = world({ refuse: () => 'in_transit' });
  const flight = pilot.flyTo([100.4 * U, -5]);
  assert.deepEqual([pilot.aim.x, pilot.aim.y], [Math.round(100.4 * U), 0], 'inside the sector');
  await flight;
  assert.equal(pilot.aim, null);
});

test('a ship that is followed is followed with a bounded number of commands', async () => {
  const { pilot, client, run, kinds } = world();
  client.picture.ships.set(2, { id: 2, kind: 'sloop', name: 'Bob', course: { from: [100 * U, 0], to: [100 * U, 900 * U], departs: 0, arrives: 360 } });
  pilot.follow(2);
  await run(200);
  assert.ok(kinds().length > 5 && kinds().length <= 10_000 / 400 + 1, `${kinds().length}`);
  client.picture.ships.delete(2);
  await run(10);
  assert.equal(pilot.order, null);
});

test('without a connection an order waits, and goes on with the next one', async () => {
  const { pilot, client, run, kinds } = world();
  client.state.phase = 'waiting';
  pilot.goTo({ type: 'gate', key: 'sol_vega' });
  await run(40);
  assert.deepEqual(kinds(), []);
  client.state.phase = 'online';
  await run(2);
  assert.deepEqual(kinds(), ['navigate']);
});
