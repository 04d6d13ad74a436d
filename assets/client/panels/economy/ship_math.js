// A ship kind's numbers with what its owner knows, as the server works them out. Pure.

import { STEPS_PER_UNIT } from '../../orrery.js';

/** By how many per cent the known technologies improve a number (`speed`, `cargo`, `collect_range`, `craft_slots`). */
export function techPercent(catalog, known, stat) {
  return known.flatMap((key) => catalog.techs[key]?.effects ?? [])
    .filter((effect) => effect.stat === stat)
    .reduce((percent, effect) => percent + effect.percent, 0);
}

/** `{speed, collect_range}` in steps (a second), `cargo_capacity` in volumes: the same as the answer to `ship_stats`. */
export function shipStats(catalog, kind, known) {
  const ship = catalog.ships[kind] ?? catalog.ships[catalog.start.ship];
  const improved = (stat, base) => Math.floor((base * (100 + techPercent(catalog, known, stat))) / 100);
  return {
    ship: ship.key,
    speed: improved('speed', ship.speed_units * STEPS_PER_UNIT),
    cargo_capacity: improved('cargo', ship.cargo_volume),
    collect_range: improved('collect_range', ship.collect_range_units * STEPS_PER_UNIT),
  };
}

/** How many jobs run at the same time. */
export const craftSlots = (catalog, known) => catalog.economy.craft.slots + Math.floor(techPercent(catalog, known, 'craft_slots') / 100);

/** The room that goods take. */
export function volumeOf(catalog, goods) {
  return goods.reduce((volume, { item, quantity }) => volume + (catalog.items[item]?.volume ?? 0) * quantity, 0);
}

/** How many pieces of an item still fit. */
export function piecesThatFit(catalog, item, free) {
  const volume = catalog.items[item]?.volume ?? 0;
  return volume === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, Math.floor(free / volume));
}

/** "+25%", "-3%", "same": how much better the second number is. */
export function change(before, after) {
  if (before === after) return 'same';
  const percent = Math.round(((after - before) * 100) / Math.max(1, before));
  return `${percent > 0 ? '+' : ''}${percent}%`;
}
