// Which names are shown so that none lies over another. Pure: chosen a few times a second from places on the screen, in CSS pixels.
//
//   chooseLabels(candidates, { max, shown }) → Set of ids
//   candidates: [{id, x, y, width, priority}]   the label's box begins at x, y is its middle; the higher priority comes first
//   shown: ids that had a label before: they keep it where they can, so that names do not flicker

const HEIGHT = 14;
const KEEP_BONUS = 1000;

export function chooseLabels(candidates, { max, shown }) {
  const rank = (candidate) => candidate.priority + (shown.has(candidate.id) ? KEEP_BONUS : 0);
  const order = [...candidates].sort((left, right) => rank(right) - rank(left) || left.id - right.id);
  const rows = new Map();
  const chosen = new Set();
  for (const candidate of order) {
    if (chosen.size >= max) break;
    if (place(rows, candidate)) chosen.add(candidate.id);
  }
  return chosen;
}

/** Puts a box into the rows of the screen that it touches, unless one is there already. */
function place(rows, { x, y, width }) {
  const first = Math.floor((y - HEIGHT / 2) / HEIGHT);
  for (let row = first; row <= first + 1; row += 1) {
    if (rows.get(row)?.some((box) => x < box.right && box.left < x + width && Math.abs(box.y - y) < HEIGHT)) return false;
  }
  const box = { left: x, right: x + width, y };
  for (let row = first; row <= first + 1; row += 1) {
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push(box);
  }
  return true;
}
