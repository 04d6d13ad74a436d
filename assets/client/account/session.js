// The player's log-in as the browser keeps it: tokens in localStorage, renewed before they expire. Of several tabs only one renews at a time, and all read what it got.
//
//   const session = createSession(api)
//   session.account                      null | {player, name, guest, accessToken, refreshToken, expiresMs}
//   await session.register(name, password)   session.login(name, password)   session.claim(name, password)
//   session.adoptGuest(welcome)          keeps the account that a welcome brought
//   await session.token({renew})         an access token that is good for a while; asks for a new one where needed
//   session.whenEnded(() => …)           the log-in is good no more
//   await session.logout()

import { local } from '../ui/store.js';

const STORE = 'orrery.account';
/** Renewed so long before it expires, ms; also the least that a token handed out is good for. */
const MARGIN_MS = 60_000;
const RETRY_MS = 15_000;

export function createSession(api, storage = local) {
  const ended = new Set();
  let timer = 0;
  let account = read();

  function read() {
    try {
      const kept = JSON.parse(storage.getItem(STORE) ?? 'null');
      return kept?.refreshToken ? kept : null;
    } catch {
      // Broken by hand: as if nobody was logged in.
      return null;
    }
  }

  function keep(next) {
    account = next;
    if (next) storage.setItem(STORE, JSON.stringify(next));
    else storage.removeItem(STORE);
    schedule();
  }

  function keepTokens(tokens, guest) {
    keep({
      player: tokens.player, name: tokens.name, guest,
      accessToken: tokens.access_token, refreshToken: tokens.refresh_token, expiresMs: Date.now() + tokens.expires_in * 1000,
    });
    return account;
  }

  function schedule() {
    clearTimeout(timer);
    if (account) timer = setTimeout(renewQuietly, Math.max(1000, account.expiresMs - Date.now() - MARGIN_MS));
  }

  async function renewQuietly() {
    try {
      await token();
    } catch (error) {
      if (account && error.code !== 'not_authenticated' && error.code !== 'banned') timer = setTimeout(renewQuietly, RETRY_MS);
    }
  }

  /** The tokens of the account; only one tab at a time asks for new ones. */
  function token({ renew = false } = {}) {
    const asked = account?.accessToken;
    return alone(async () => {
      account = read();
      if (!account) throw failed('not_authenticated', 'not logged in');
      const fresh = account.expiresMs - Date.now() > MARGIN_MS;
      // Another tab may have renewed it while this one waited for its turn.
      if (fresh && (!renew || account.accessToken !== asked)) {
        schedule();
        return account.accessToken;
      }
      const { refreshToken } = account;
      try {
        const tokens = await api.refresh(refreshToken);
        if (!isKept(refreshToken)) throw failed('connection_lost', 'somebody else has logged in meanwhile');
        return keepTokens(tokens, account.guest).accessToken;
      } catch (error) {
        // Who is banned for a while comes back with the same account.
        if (error.code === 'not_authenticated' && isKept(refreshToken)) end();
        throw error;
      }
    });
  }

  /** Whether the browser still keeps the log-in with this token: who logged in, claimed or logged out meanwhile, here or in another tab, has the last word. */
  const isKept = (refreshToken) => read()?.refreshToken === refreshToken;

  function end() {
    keep(null);
    for (const listener of [...ended]) listener();
  }

  // Another tab has renewed the tokens, logged out, or logged in as somebody else.
  globalThis.addEventListener?.('storage', (event) => {
    if (event.key !== STORE) return;
    const before = account;
    account = read();
    schedule();
    if (before && account?.player !== before.player) for (const listener of [...ended]) listener();
  });
  schedule();

  return {
    get account() { return account; },
    register: async (name, password) => keepTokens(await api.register(name, password), false),
    login: async (name, password) => keepTokens(await api.login(name, password), false),
    claim: async (name, password) => keepTokens(await api.claim(name, password, await token()), false),
    adoptGuest(welcome) {
      // How long this token is good is not told; asking for the next one at once tells it.
      keep({
        player: welcome.player, name: welcome.name, guest: true,
        accessToken: welcome.account.access_token, refreshToken: welcome.account.refresh_token, expiresMs: Date.now() + MARGIN_MS + 5000,
      });
    },
    /** The server knows better, after a claim or another name. */
    learn(welcome) {
      if (account && account.player === welcome.player && (account.name !== welcome.name || account.guest !== welcome.guest)) keep({ ...account, name: welcome.name, guest: welcome.guest });
    },
    token,
    async logout() {
      const old = account;
      keep(null);
      // The tokens are forgotten here whatever the server says; there they expire.
      if (old) await api.logout(old.refreshToken).catch(() => {});
    },
    whenEnded(listener) {
      ended.add(listener);
      return () => ended.delete(listener);
    },
  };
}

const failed = (code, text) => Object.assign(new Error(text), { code });

/** Runs a task while no other tab runs one; where the browser has no locks, at once. */
const alone = (task) => (globalThis.navigator?.locks ? navigator.locks.request('orrery.account', task) : task());
