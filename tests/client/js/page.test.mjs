// Pure parts of the page: the names of players, what the browser keeps, amounts that were typed, and commands that outlived a reload.

import assert from 'node:assert/strict';
import test from 'node:test';

import { amountProblem, wholeNumber } from '../../../assets/client/panels/economy/rules.js';
import { sourcesOf } from '../../../assets/client/panels/sources.js';
import { isUnderWay } from '../../../assets/client/panels/social/under_way.js';
import { areOf, article, count, distance, goodsOf, single } from '../../../assets/client/ui/format.js';
import { createPeople } from '../../../assets/client/ui/names.js';
import { watchRestored } from '../../../assets/client/ui/restored.js';
import { createStore } from '../../../assets/client/ui/store.js';

test('a name leads to the player who has it now', () => {
  const people = createPeople(createStore(() => { throw new Error('blocked'); }));
  people.learn('1', 'Ada');
  people.learn('1', 'Bea');
  people.learn('2', 'Cleo');
  people.learn('3', 'Bea');
  assert.equal(people.find('Ada'), null);
  assert.equal(people.find('Bea'), '3');
  assert.equal(people.find('Cleo'), '2');
});

test('a store that is blocked or full remembers for as long as the page is there', () => {
  let full = false;
  const entries = new Map();
  const kept = {
    getItem: (key) => entries.get(key) ?? null,
    setItem(key, text) { if (full) throw new Error('quota'); entries.set(key, text); },
    removeItem: (key) => entries.delete(key),
  };
  for (const store of [createStore(() => kept), createStore(() => { throw new Error('blocked'); })]) {
    assert.equal(store.getItem('name'), null);
    store.setItem('name', 'one');
    full = true;
    store.setItem('name', 'two');
    assert.equal(store.getItem('name'), 'two');
    full = false;
    store.setItem('name', 'three');
    assert.equal(store.getItem('name'), 'three');
    store.removeItem('name');
    assert.equal(store.getItem('name'), null);
  }
});

test('what was typed is a whole number that the line can carry, or is told to be none', () => {
  for (const text of ['', '1e30', '1.5', 'ten', '99999999999999999999']) assert.notEqual(amountProblem(wholeNumber(text)), null, text);
  assert.equal(amountProblem(wholeNumber(' 12 ')), null);
});

test('one of something is told as one, many as many', () => {
  const names = { 'Habitat modules': 'Habitat module', 'Relics of the First': 'Relic of the First', 'Focusing lenses': 'Focusing lens', 'Medical bays': 'Medical bay', Batteries: 'Battery', Boxes: 'Box' };
  for (const [many, one] of Object.entries(names)) {
    assert.equal(single(many), one);
    assert.equal(goodsOf(1, many), `1 ${one}`);
    for (const quantity of [0, 2, 1200]) assert.equal(goodsOf(quantity, many), `${quantity.toLocaleString('en')} ${many}`);
  }
  for (const name of ['Glass', 'Water ice', 'Glowing nebula gas', 'Helium-3', 'Spidersilk']) assert.equal(single(name), name);
  assert.deepEqual([distance(256), distance(512), count(1, 'member'), areOf(1), areOf(0), article('Ark'), article('Sloop')], ['1 unit', '2 units', '1 member', 'is', 'are', 'an Ark', 'a Sloop']);
});

test('where goods come from: the nearest sector first', () => {
  const sector = (number, key, to, more) => ({ number, key, gates: to.map((to_sector) => ({ to_sector })), hubs: [], spawns: [], ...more });
  const catalog = {
    objects: { chunk: { key: 'chunk', item: 'ice' } },
    blueprints: { works: { key: 'works', output: 'water' } },
    sectors: {
      a: sector(1, 'a', ['b'], {}),
      b: sector(2, 'b', ['a', 'c'], { hubs: [{ key: 'b_hub', sells: { water: 2 } }] }),
      c: sector(3, 'c', ['b'], { spawns: [{ kind: 'chunk' }], hubs: [{ key: 'c_hub', sells: { water: 1 } }] }),
    },
  };
  assert.deepEqual(sourcesOf(catalog, 'ice', 'a'), { kinds: ['chunk'], sector: 'c', hub: null, blueprint: null });
  assert.deepEqual(sourcesOf(catalog, 'water', 'a'), { kinds: [], sector: null, hub: 'b_hub', blueprint: 'works' });
  assert.equal(sourcesOf(catalog, 'water', 'c').hub, 'c_hub');
});

test('a deal is under way while the client waits for its answer', () => {
  const game = { client: { pending: new Map([[7, { type: 'contribute', body: { mission: 'run_1', item: 'ice', quantity: 3 } }]]) } };
  assert.ok(isUnderWay(game, 'contribute', { mission: 'run_1', item: 'ice' }));
  assert.ok(!isUnderWay(game, 'contribute', { mission: 'run_1', item: 'ore' }));
  assert.ok(!isUnderWay(game, 'guild_deposit'));
});

test('refusals of commands from before a reload are told once somebody can read them, those of this page are not', () => {
  let settled;
  const client = { on(type, listener) { assert.equal(type, 'settled'); settled = listener; return () => {}; } };
  const told = [];
  const game = { toast: (text) => told.push(text), explain: ({ code }) => code };
  const restored = watchRestored(client, [{ id: 1 }, { id: 2 }, { id: 3 }]);
  settled({ command: { id: 1, type: 'guild_deposit' }, refusal: { code: 'outcome_unknown' } });
  assert.deepEqual(told, []);
  restored.tell(game);
  settled({ command: { id: 2, type: 'buy' }, refusal: { code: 'price_changed' } });
  settled({ command: { id: 3, type: 'buy' }, refusal: null });
  settled({ command: { id: 9, type: 'buy' }, refusal: { code: 'price_changed' } });
  assert.equal(told.length, 2);
  assert.match(told[0], /deposit.*outcome_unknown/i);
  assert.match(told[1], /price_changed/);
});
