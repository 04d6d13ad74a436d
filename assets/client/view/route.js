// Ways through the galaxy: which gates lead from one sector to another. Pure; reads the catalogue's sectors.
//
//   route(sectors, 'sol', 'veil') → [gate, …] in the order of flight ([] when one is there already), or null when no way leads there
//   layout(sectors) → Map of sector → {x, y} in 0..1, y upwards: a drawing of the galaxy in which gates lead the way they lie in their sectors

/** The fewest jumps; of equally many, gates in the catalogue's order. */
export function route(sectors, from, to) {
  if (!sectors[from] || !sectors[to]) return null;
  const reached = new Map([[from, null]]);
  const queue = [from];
  for (const key of queue) {
    if (key === to) break;
    for (const gate of sectors[key].gates) {
      if (reached.has(gate.to_sector) || !sectors[gate.to_sector]) continue;
      reached.set(gate.to_sector, { gate, from: key });
      queue.push(gate.to_sector);
    }
  }
  if (!reached.has(to)) return null;
  const gates = [];
  for (let step = reached.get(to); step; step = reached.get(step.from)) gates.unshift(step.gate);
  return gates;
}

const ROUNDS = 400;
const APART = 1;

/** Springs along the gates, in the direction in which each gate lies in its sector; all others push one another away. */
export function layout(sectors) {
  const keys = Object.keys(sectors).sort((left, right) => sectors[left].number - sectors[right].number);
  const places = new Map(keys.map((key, index) => [key, { x: Math.cos(index * 2.4) * Math.sqrt(index), y: Math.sin(index * 2.4) * Math.sqrt(index) }]));
  for (let round = 0; round < ROUNDS; round += 1) relax(sectors, keys, places, 0.25 * (1 - round / ROUNDS));
  return fitted(places);
}

function relax(sectors, keys, places, strength) {
  const moves = new Map(keys.map((key) => [key, { x: 0, y: 0 }]));
  const push = (key, x, y) => {
    moves.get(key).x += x;
    moves.get(key).y += y;
  };
  for (const key of keys) {
    for (const gate of sectors[key].gates) {
      if (!sectors[gate.to_sector]) continue;
      const [wx, wy] = bearing(sectors[key], gate);
      const [a, b] = [places.get(key), places.get(gate.to_sector)];
      const [dx, dy] = [a.x + wx * APART - b.x, a.y + wy * APART - b.y];
      push(gate.to_sector, dx * 0.5, dy * 0.5);
      push(key, -dx * 0.5, -dy * 0.5);
    }
    for (const other of keys) if (other !== key) repel(places.get(key), places.get(other), (x, y) => push(key, x, y));
  }
  for (const [key, move] of moves) {
    places.get(key).x += move.x * strength;
    places.get(key).y += move.y * strength;
  }
}

function repel(a, b, push) {
  const distance = Math.max(0.05, Math.hypot(a.x - b.x, a.y - b.y));
  if (distance > APART) return;
  const force = (APART - distance) / distance;
  push((a.x - b.x) * force, (a.y - b.y) * force);
}

/** The direction in which a gate lies, seen from the middle of its sector. */
function bearing(sector, gate) {
  const [x, y] = [gate.at[0] - sector.size_units / 2, gate.at[1] - sector.size_units / 2];
  const length = Math.hypot(x, y) || 1;
  return [x / length, y / length];
}

function fitted(places) {
  const all = [...places.values()];
  const span = (axis) => [Math.min(...all.map((place) => place[axis])), Math.max(...all.map((place) => place[axis]))];
  const [[left, right], [bottom, top]] = [span('x'), span('y')];
  const part = (value, low, high) => (high - low < 1e-6 ? 0.5 : (value - low) / (high - low));
  return new Map([...places].map(([key, { x, y }]) => [key, { x: part(x, left, right), y: part(y, bottom, top) }]));
}
