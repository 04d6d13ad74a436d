// Whether a deal that moves goods or money is still undecided: given on this page, or by the one before a reload. A form that was drawn anew asks it too,
// so that pressing twice is one deal.

/** `body`: what the command must have at least, such as {item: 'ice'}. */
export function isUnderWay(game, type, body = {}) {
  const wanted = Object.entries(body);
  return [...game.client.pending.values()].some((command) => command.type === type && wanted.every(([name, value]) => command.body[name] === value));
}

/** The button of a deal, busy while the deal is under way. It keeps the keyboard's place: `aria-disabled`, not `disabled`. */
export function showBusy(button, busy, off = busy) {
  button.setAttribute('aria-busy', String(busy));
  button.setAttribute('aria-disabled', String(off));
}
