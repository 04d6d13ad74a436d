// What the browser keeps for the page. Where it keeps nothing (storage is blocked, or full) the page remembers it until it goes away: nothing here throws.
//
//   local    over visits, for all tabs;   tab    over reloads of this tab;   both have getItem(key), setItem(key, text), removeItem(key)

/** `open` gives the browser's storage, or throws where that is blocked. */
export function createStore(open) {
  const remembered = new Map();
  const kept = attempt(open);
  return {
    getItem: (key) => remembered.get(key) ?? attempt(() => kept.getItem(key)),
    setItem(key, text) {
      remembered.set(key, text);
      // What is kept is read there, where other tabs may change it.
      if (attempt(() => { kept.setItem(key, text); return true; })) remembered.delete(key);
    },
    removeItem(key) {
      remembered.delete(key);
      attempt(() => kept.removeItem(key));
    },
  };
}

function attempt(run) {
  try {
    return run();
  } catch {
    // Blocked or full.
    return null;
  }
}

export const local = createStore(() => localStorage);
export const tab = createStore(() => sessionStorage);
