// Ways through the galaxy: which gates lead from one sector to another. Pure; reads the catalogue's sectors.
//
//   route(sectors, 'sol', 'veil') → [gate, …] in the order of flight ([] when one is there already), or null when no way leads there
//   layout(sectors) → Map of sector → {x, y} in 0..1, y upwards: a drawing of the galaxy in which gates lead the way they lie in their sectors
//   gateLine([{key, x, y}], from, to) → the path of a gate's line, which bends around sectors that it does not lead to

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

const ROUNDS = 300;
/** Drawings that are tried; fewer of a large galaxy. The one that bends the gates least, and crosses them least, is taken. */
const TRIES_MAX = 24;
const TRIES_WORK = 4000;
const CROSSING = 1.5;
/** How hard a pair is drawn together whose gates disagree about the direction: hardly. */
const LOOSE = 0.06;
/** How much the narrower side of the drawing is stretched at most to fill its frame. */
const STRETCH_MAX = 2.2;

/** Springs along the gates, in the direction in which they lie in their sectors; all push one another away. */
export function layout(sectors) {
  if (!layouts.has(sectors)) layouts.set(sectors, draw(sectors));
  return layouts.get(sectors);
}

/** A catalogue does not change while somebody plays: drawn once. */
const layouts = new WeakMap();

function draw(sectors) {
  const keys = Object.keys(sectors).sort((left, right) => sectors[left].number - sectors[right].number);
  const pairs = pairsOf(sectors, keys);
  const tries = Math.max(1, Math.min(TRIES_MAX, Math.floor(TRIES_WORK / (keys.length * keys.length))));
  let best = null;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const angle = 2.4 + attempt * 0.37;
    const places = new Map(keys.map((key, index) => [key, { x: Math.cos(index * angle) * Math.sqrt(index), y: Math.sin(index * angle) * Math.sqrt(index) }]));
    for (let round = 0; round < ROUNDS; round += 1) relax(pairs, places, 0.2 * (1 - round / ROUNDS));
    const strain = strainOf(pairs, places);
    if (best === null || strain < best.strain) best = { places, strain };
  }
  return fitted(best.places);
}

/** Sectors with gates between them: `x`, `y` lead from the first to the second, as both their gates have it on the average; the more they agree, the greater the weight. */
function pairsOf(sectors, keys) {
  const pairs = new Map();
  for (const key of keys) {
    for (const gate of sectors[key].gates) {
      if (!sectors[gate.to_sector]) continue;
      const [first, second, sign] = key < gate.to_sector ? [key, gate.to_sector, 1] : [gate.to_sector, key, -1];
      const pair = pairs.get(`${first} ${second}`) ?? { first, second, x: 0, y: 0, gates: 0 };
      const [x, y] = bearing(sectors[key], gate);
      pairs.set(`${first} ${second}`, { ...pair, x: pair.x + sign * x, y: pair.y + sign * y, gates: pair.gates + 1 });
    }
  }
  return [...pairs.values()].map(({ first, second, x, y, gates }) => {
    const length = Math.hypot(x, y);
    return { first, second, x: length ? x / length : 0, y: length ? y / length : 0, weight: Math.max(LOOSE, (length / gates) ** 2) };
  });
}

/** The direction in which a gate lies, seen from the middle of its sector. */
function bearing(sector, gate) {
  const [x, y] = [gate.at[0] - sector.size_units / 2, gate.at[1] - sector.size_units / 2];
  const length = Math.hypot(x, y) || 1;
  return [x / length, y / length];
}

function relax(pairs, places, strength) {
  const all = [...places.values()];
  const before = all.map(({ x, y }) => ({ x, y }));
  for (const { first, second, x, y, weight } of pairs) {
    const [a, b] = [places.get(first), places.get(second)];
    const [dx, dy] = [(a.x + x - b.x) * weight * strength, (a.y + y - b.y) * weight * strength];
    a.x -= dx;
    a.y -= dy;
    b.x += dx;
    b.y += dy;
  }
  for (const [index, place] of all.entries()) for (const other of before) if (other !== before[index]) repel(place, before[index], other, strength);
}

/** Two that are nearer than 1 to each other drift apart. */
function repel(place, a, b, strength) {
  const distance = Math.max(0.05, Math.hypot(a.x - b.x, a.y - b.y));
  if (distance > 1) return;
  const force = (strength * (1 - distance)) / distance;
  place.x += (a.x - b.x) * force;
  place.y += (a.y - b.y) * force;
}

/** How much a drawing is at odds with the gates: their directions, and gates that cross one another. */
function strainOf(pairs, places) {
  let strain = 0;
  for (const [index, { first, second, x, y, weight }] of pairs.entries()) {
    const [a, b] = [places.get(first), places.get(second)];
    strain += weight * ((a.x + x - b.x) ** 2 + (a.y + y - b.y) ** 2);
    for (const other of pairs.slice(index + 1)) if (crosses(a, b, places.get(other.first), places.get(other.second))) strain += CROSSING;
  }
  return strain;
}

function crosses(a, b, c, d) {
  if (a === c || a === d || b === c || b === d) return false;
  const side = (p, q, r) => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

/** Into 0..1, in the middle, keeping the directions more or less. */
function fitted(places) {
  const all = [...places.values()];
  const span = (axis) => [Math.min(...all.map((place) => place[axis])), Math.max(...all.map((place) => place[axis]))];
  const [across, along] = [span('x'), span('y')];
  const widest = Math.max(across[1] - across[0], along[1] - along[0], 1e-6);
  const part = (value, [low, high]) => 0.5 + ((value - (low + high) / 2) / widest) * Math.min(STRETCH_MAX, widest / Math.max(high - low, 1e-6));
  return new Map([...places].map(([key, { x, y }]) => [key, { x: part(x, across), y: part(y, along) }]));
}

/** So near a line may come to another star, whose name hangs below it; and how far its middle is drawn aside for that, nearest first. */
const CLEARANCE = 40;
const NAME_BELOW = 12;
const BENDS = [0, -50, 50, -90, 90, -130, 130];
const SAMPLES = 12;

export function gateLine(stars, from, to) {
  // Both ends of a gate draw the same line.
  const [a, b] = [from, to].sort().map((key) => stars.find((star) => star.key === key));
  const others = stars.filter((star) => star !== a && star !== b);
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const aside = (bend) => [(a.x + b.x) / 2 - ((b.y - a.y) / length) * bend, (a.y + b.y) / 2 + ((b.x - a.x) / length) * bend];
  const ways = BENDS.map((bend) => ({ bend, middle: aside(bend), free: freedom(a, aside(bend), b, others) }));
  const { bend, middle: [x, y] } = ways.find(({ free }) => free >= CLEARANCE) ?? ways.reduce((best, way) => (way.free > best.free ? way : best));
  return bend === 0 ? `M${a.x} ${a.y}L${b.x} ${b.y}` : `M${a.x} ${a.y}Q${x} ${y} ${b.x} ${b.y}`;
}

/** How near a curve with this control point comes to other stars. */
function freedom(a, [cx, cy], b, others) {
  let least = Number.POSITIVE_INFINITY;
  for (let step = 1; step < SAMPLES; step += 1) {
    const t = step / SAMPLES;
    const x = (1 - t) ** 2 * a.x + 2 * t * (1 - t) * cx + t ** 2 * b.x;
    const y = (1 - t) ** 2 * a.y + 2 * t * (1 - t) * cy + t ** 2 * b.y;
    for (const star of others) least = Math.min(least, Math.hypot(star.x - x, star.y + NAME_BELOW - y));
  }
  return least;
}
