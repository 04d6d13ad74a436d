// The server's clock, and how far something has come. Pure: the page's own clock is an argument.

/** How far something that runs has come, 0 to 1. */
export function progress(startedMs, dueMs, nowMs) {
  if (dueMs <= startedMs) return 1;
  return Math.min(1, Math.max(0, (nowMs - startedMs) / (dueMs - startedMs)));
}

/** Whether an auction's end is so near that a bid moves it. */
export const inExtension = (endsMs, nowMs, extensionSeconds) => endsMs - nowMs <= extensionSeconds * 1000 && endsMs > nowMs;

/**
 * The server's clock as seen from here: of all samples, the one that was least late counts. `sample` takes the server's time and the page's own at
 * its arrival; `now` answers with the server's.
 */
export class ServerClock {
  #offset = null;
  sample(serverMs, hereMs) {
    const offset = serverMs - hereMs;
    // A message can only come late, never early: so the largest difference is the truest. A clock that was set back is noticed by its size.
    if (this.#offset === null || offset > this.#offset || this.#offset - offset > 5000) this.#offset = offset;
  }
  now(hereMs) { return hereMs + (this.#offset ?? 0); }
}
