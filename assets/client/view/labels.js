// Which names are shown so that none lies over another. Pure: chosen a few times a second from places on the screen, in CSS pixels.
//
//   chooseLabels(candidates, { max, shown, taken }) → Set of ids
//   candidates: [{id, x, y, width, priority, always}]   the label's box begins at x, y is its middle; the higher priority comes first; `always` is shown whatever is in its way
//   freeRow(taken, box) → how far a box must move up or down to lie over nothing, in pixels
//   taken: boxes {x, y, width} that are there already
//   shown: ids that had a label before: they keep it where they can, so that names do not flicker

const HEIGHT = 14;
const KEEP_BONUS = 1000;

export function chooseLabels(candidates, { max, shown, taken = [] }) {
  const rank = (candidate) => candidate.priority + (shown.has(candidate.id) ? KEEP_BONUS : 0);
  const order = [...candidates].sort((left, right) => rank(right) - rank(left) || left.id - right.id);
  const rows = new Map();
  const chosen = new Set();
  for (const box of taken) put(rows, box);
  for (const candidate of order) {
    if (chosen.size >= max) break;
    if (place(rows, candidate) || candidate.always) chosen.add(candidate.id);
  }
  return chosen;
}

const meets = (box, other) => box.x < other.x + other.width && other.x < box.x + box.width && Math.abs(other.y - box.y) < HEIGHT;

export function freeRow(taken, box) {
  const free = (shift) => !taken.some((other) => meets({ ...box, y: box.y + shift }, other));
  return [0, -HEIGHT, HEIGHT, -2 * HEIGHT, 2 * HEIGHT].find(free) ?? 0;
}

const rowOf = (y) => Math.floor((y - HEIGHT / 2) / HEIGHT);

/** Puts a box into the rows of the screen that it touches, unless another one is in its way. */
function place(rows, box) {
  const first = rowOf(box.y);
  for (let row = first; row <= first + 1; row += 1) {
    if (rows.get(row)?.some((other) => meets(box, other))) return false;
  }
  put(rows, box);
  return true;
}

function put(rows, box) {
  const first = rowOf(box.y);
  for (let row = first; row <= first + 1; row += 1) {
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push(box);
  }
}
