// Who is logged in. The cookie is out of reach of scripts; here are only the operator's name and role and the CSRF token.
//
//   session.operator   {id, name, role, totp} or null
//   can('moderator')   whether the role is enough: viewer < moderator < admin. The server decides; the page only hides what would be refused.

import { api, setCsrf } from './api.js';

const RANK = { viewer: 1, moderator: 2, admin: 3 };

export const session = { operator: null, expires_ms: null, idle_seconds: null };

export const can = (role) => (RANK[session.operator?.role] ?? 0) >= (RANK[role] ?? 99);

function take(body) {
  session.operator = body.operator;
  session.expires_ms = body.expires_ms;
  session.idle_seconds = body.idle_seconds;
  setCsrf(body.csrf);
}

/** Asks the server whether this browser has a session; false when not. Throws when the server does not answer. */
export async function resume() {
  try {
    take(await api.get('/session'));
    return true;
  } catch (error) {
    if (error.status === 401 || error.status === 403) return false;
    throw error;
  }
}

export async function logIn(name, password, code) {
  take(await api.post('/session', code ? { name, password, code } : { name, password }));
}

export async function logOut() {
  await api.delete('/session');
  forget();
}

export function forget() {
  session.operator = null;
  setCsrf(null);
}
