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

const HINT = 'orrery-console-session';

/** Whether somebody logged in here and did not log out: a browser that says no need not ask, and writes no 401 to its console. Without storage it asks. */
function mayHaveSession() {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

function hint(on) {
  try {
    if (on) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
  } catch {
    // Then the server is asked each time.
  }
}

/** Whether this browser has a session. Throws when the server does not answer. */
export async function resume() {
  if (!mayHaveSession()) return false;
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
  hint(true);
}

export async function logOut() {
  await api.delete('/session');
  forget();
}

/** Nobody is logged in here any more. */
export function forget() {
  hint(false);
  session.operator = null;
  setCsrf(null);
}
