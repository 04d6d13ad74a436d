// The log-in that the browser keeps: renewed in time, by one at a time, and forgotten when it is good no more.

import assert from 'node:assert/strict';
import test from 'node:test';

import { createSession } from '../../../assets/client/account/session.js';

function memory(entries = {}) {
  const kept = new Map(Object.entries(entries));
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key), kept };
}

const tokens = (number, seconds = 900) => ({ player: 'p', name: 'Ada', access_token: `a${number}`, refresh_token: `r${number}`, expires_in: seconds });
const refused = (code) => Object.assign(new Error(code), { code });

function fakeApi(over = {}) {
  const asked = [];
  let number = 1;
  return {
    asked,
    login: async () => tokens(number),
    register: async () => tokens(number),
    refresh: async (token) => { asked.push(token); number += 1; return tokens(number); },
    claim: async (name, _, token) => { asked.push(token); return { ...tokens(9), name }; },
    logout: async (token) => { asked.push(token); },
    ...over,
  };
}

/** Time stands still, so that nothing is renewed and no timer is left behind. */
const still = (t) => t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });

test('a fresh token is handed out as it is, an old one is renewed first', async (t) => {
  still(t);
  const api = fakeApi();
  const session = createSession(api, memory());
  await session.login('Ada', 'password');
  assert.equal(await session.token(), 'a1');
  t.mock.timers.setTime(1_000_000 + 850_000);
  assert.equal(await session.token(), 'a2');
  assert.deepEqual(api.asked, ['r1']);
});

test('it is renewed by itself before it expires', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const session = createSession(fakeApi(), memory());
  await session.login('Ada', 'password');
  t.mock.timers.tick(841_000);
  // The answer comes with the next turns of the loop, whatever the time.
  while (session.account.accessToken !== 'a2') await new Promise(setImmediate);
});

test('a token that the server refused is renewed, unless another tab has done so meanwhile', async (t) => {
  still(t);
  const api = fakeApi();
  const store = memory();
  const session = createSession(api, store);
  await session.login('Ada', 'password');
  assert.equal(await session.token({ renew: true }), 'a2');
  const elsewhere = { ...JSON.parse(store.getItem('orrery.account')), accessToken: 'a7', refreshToken: 'r7' };
  store.setItem('orrery.account', JSON.stringify(elsewhere));
  assert.equal(await session.token({ renew: true }), 'a7');
  assert.deepEqual(api.asked, ['r1']);
});

test('a log-in that is good no more is forgotten; a server that does not answer changes nothing', async (t) => {
  still(t);
  let code = 'connection_lost';
  const session = createSession(fakeApi({ refresh: async () => { throw refused(code); } }), memory());
  let ended = 0;
  session.whenEnded(() => { ended += 1; });
  await session.login('Ada', 'password');
  await assert.rejects(session.token({ renew: true }), { code: 'connection_lost' });
  assert.equal(session.account.name, 'Ada');
  code = 'banned';
  await assert.rejects(session.token({ renew: true }), { code: 'banned' });
  assert.equal(session.account.name, 'Ada', 'a ban may end');
  code = 'not_authenticated';
  await assert.rejects(session.token({ renew: true }), { code: 'not_authenticated' });
  assert.equal(session.account, null);
  assert.equal(ended, 1);
});

test('a guest keeps the account that the welcome brought, and claims it with a token that is good', async (t) => {
  still(t);
  const api = fakeApi();
  const store = memory();
  const session = createSession(api, store);
  session.adoptGuest({ player: 'p', name: 'Ada-1', account: { access_token: 'g', refresh_token: 'rg' } });
  assert.equal(createSession(api, store).account.guest, true);
  const account = await session.claim('Ada', 'password');
  assert.deepEqual([account.name, account.guest, api.asked.at(-1)], ['Ada', false, 'g']);
});

test('what was kept and is broken is as if nobody was logged in', (t) => {
  still(t);
  assert.equal(createSession(fakeApi(), memory({ 'orrery.account': '{"player":' })).account, null);
});

test('tokens that come back after somebody else has logged in, or logged out, do not take its place', async (t) => {
  still(t);
  const answers = [];
  const api = fakeApi({ refresh: () => new Promise((resolve, reject) => { answers.push({ resolve, reject }); }) });
  const store = memory();
  const session = createSession(api, store);
  let ended = 0;
  session.whenEnded(() => { ended += 1; });
  const asked = async () => {
    const token = session.token({ renew: true });
    while (!answers.length) await new Promise(setImmediate);
    return [token, answers.pop()];
  };
  await session.login('Ada', 'password');
  const [late, answer] = await asked();
  api.login = async () => ({ ...tokens(7), player: 'q', name: 'Bea' });
  await session.login('Bea', 'password');
  answer.resolve(tokens(5));
  await assert.rejects(late, { code: 'connection_lost' });
  assert.equal(session.account.accessToken, 'a7');
  const [refusedLate, other] = await asked();
  await session.login('Bea', 'password');
  store.setItem('orrery.account', JSON.stringify({ ...session.account, refreshToken: 'r8' }));
  other.reject(refused('not_authenticated'));
  await assert.rejects(refusedLate, { code: 'not_authenticated' });
  assert.equal(JSON.parse(store.getItem('orrery.account')).name, 'Bea', 'the newer log-in is good');
  assert.equal(ended, 0);
  const [last, third] = await asked();
  await session.logout();
  third.resolve(tokens(6));
  await assert.rejects(last, { code: 'connection_lost' });
  assert.equal(store.getItem('orrery.account'), null);
});
