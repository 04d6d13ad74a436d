// Questions over HTTP, as far as no server is needed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Api } from '../../../assets/client/orrery.js';

/** What is asked for, without a server. */
function asked() {
  /** @type {string[]} */
  const paths = [];
  const fetch = async (/** @type {any} */ path) => {
    paths.push(path);
    return Response.json({});
  };
  return { paths, api: new Api('http://server/', { fetch }) };
}

test('parameters with a value are told, those without are left out', async () => {
  const { paths, api } = asked();
  await api.get('market', { hub: 'luna', item: null, from: undefined, best: false, limit: 0 });
  await api.get('/health');
  assert.deepEqual(paths, ['http://server/api/v1/market?hub=luna&best=false&limit=0', 'http://server/health']);
});

test('parameters are told by browsers that cannot count them', async () => {
  const size = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(URLSearchParams.prototype, 'size'));
  Reflect.deleteProperty(URLSearchParams.prototype, 'size');
  try {
    const { paths, api } = asked();
    await api.get('market', { hub: 'luna' });
    assert.deepEqual(paths, ['http://server/api/v1/market?hub=luna']);
  } finally {
    Object.defineProperty(URLSearchParams.prototype, 'size', size);
  }
});
