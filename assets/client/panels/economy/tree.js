// How the tree of technologies is drawn: a column for each step away from the beginning, requirements to the left of what needs them. Pure.

/**
 * Places for `techs` (`[{tech, requires}]`): `{nodes: [{tech, column, row}], edges: [{from, to}], columns, rows}`. A technology stands one column right
 * of its furthest requirement, and in its column next to the rows of its requirements, so that the lines are short and cross little.
 */
export function layOut(techs) {
  const byKey = new Map(techs.map((entry) => [entry.tech, entry]));
  const columns = new Map();
  const columnOf = (key, above = new Set()) => {
    if (columns.has(key)) return columns.get(key);
    if (above.has(key)) return 0;
    above.add(key);
    const needs = requirements(byKey, key);
    const column = needs.length === 0 ? 0 : 1 + Math.max(...needs.map((need) => columnOf(need, above)));
    columns.set(key, column);
    return column;
  };
  techs.forEach(({ tech }) => columnOf(tech));
  const nodes = place(techs, columns, byKey);
  const edges = techs.flatMap(({ tech }) => requirements(byKey, tech).map((from) => ({ from, to: tech })));
  return { nodes, edges, columns: count(nodes, 'column'), rows: count(nodes, 'row') };
}

function requirements(byKey, key) {
  return (byKey.get(key)?.requires ?? []).filter((need) => byKey.has(need));
}

const count = (nodes, axis) => nodes.reduce((most, node) => Math.max(most, node[axis] + 1), 0);

// Column by column: each technology wants the middle row of its requirements, and takes the free row nearest to it.
function place(techs, columns, byKey) {
  const rows = new Map();
  const nodes = [];
  const depth = Math.max(-1, ...columns.values());
  for (let column = 0; column <= depth; column += 1) {
    const here = techs.filter(({ tech }) => columns.get(tech) === column).map(({ tech }, index) => ({ tech, wish: wish(requirements(byKey, tech), rows, index) }));
    here.sort((a, b) => a.wish - b.wish);
    const taken = new Set();
    for (const { tech, wish: row } of here) {
      const free = nearestFree(Math.round(row), taken);
      taken.add(free);
      rows.set(tech, free);
      nodes.push({ tech, column, row: free });
    }
  }
  return nodes;
}

function wish(needs, rows, index) {
  if (needs.length === 0) return index;
  return needs.reduce((total, need) => total + (rows.get(need) ?? 0), 0) / needs.length;
}

function nearestFree(row, taken) {
  for (let away = 0; ; away += 1) {
    if (!taken.has(row + away)) return row + away;
    if (row - away >= 0 && !taken.has(row - away)) return row - away;
  }
}
