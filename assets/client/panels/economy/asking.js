// A question whose answer a panel shows, asked anew when something has happened: one at a time, and not more often than once in a while.
//
//   const book = asking(scope, {ask: () => game.client.command('market', {hub}), show: (answer) => …, fail: (error, retry) => …});
//   book.now()     ask at once
//   book.soon()    ask, but wait out the gap since the last time; many calls become one
//   book.answer    the last answer, or null

const GAP_MS = 1000;
const PAGE = 100;
const PAGES_MAX = 5;

export function asking(scope, { ask, show, fail }) {
  let [running, again, timer, last] = [false, false, 0, 0];
  const question = { answer: null, now, soon };

  async function now() {
    clearTimeout(timer);
    timer = 0;
    if (running) { again = true; return; }
    running = true;
    last = Date.now();
    try {
      const answer = await ask();
      if (!scope.alive) return;
      question.answer = answer;
      show(answer);
    } catch (error) {
      // What is shown stays while there is something; only an empty place tells why it is empty.
      if (scope.alive && question.answer === null) fail?.(error, now);
    } finally {
      running = false;
      if (again && scope.alive) { again = false; soon(); }
    }
  }

  function soon() {
    if (timer || !scope.alive) return;
    if (running) { again = true; return; }
    timer = setTimeout(now, Math.max(0, last + GAP_MS - Date.now()));
  }

  scope.add(() => clearTimeout(timer));
  return question;
}

/** The first 500 of a hub's auctions or contracts. */
export async function allPages(game, type, hub) {
  const items = [];
  let cursor = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await game.client.command(type, { hub, limit: PAGE, ...(cursor === null ? {} : { cursor }) });
    items.push(...answer.items);
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  return items;
}
