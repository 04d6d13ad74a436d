// How far a mission's phase is. Pure.

const sum = (mission, what) => (mission.needs ?? []).reduce((total, need) => total + what(need), 0);

/** Pieces that the phase needs in all. */
export const needed = (mission) => sum(mission, (need) => need.needed);

/** Pieces that are there; more of one kind than needed does not make up for another. */
export const given = (mission) => sum(mission, (need) => Math.min(need.given, need.needed));
