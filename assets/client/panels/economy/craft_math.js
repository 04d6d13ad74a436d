// What crafting takes: how many runs the goods suffice for, and why a job would be refused. Pure.

import { goodsOf } from '../../ui/format.js';
import { amountProblem, creditsProblem, grouped, product } from './rules.js';

export const madeAt = (blueprint, hub) => blueprint.hubs.length === 0 || blueprint.hubs.includes(hub);

export const missingTechs = (blueprint, known) => blueprint.requires.filter((tech) => !known.includes(tech));

/** For how many runs goods and credits suffice, `most` at most. */
export function makeable(blueprint, { have, credits, most }) {
  const byGoods = Object.entries(blueprint.inputs).map(([item, quantity]) => Math.floor(have(item) / quantity));
  const byFee = blueprint.fee > 0 ? Math.floor(credits / blueprint.fee) : most;
  return Math.max(0, Math.min(most, byFee, ...byGoods));
}

/** `{problem, fee, seconds, output}` of so many runs; the numbers are of one run while `runs` is none. */
export function craftPlan(blueprint, runs, { rules, have, known, credits, jobs, hub, name }) {
  const times = Number.isSafeInteger(runs) && runs > 0 ? runs : 1;
  const fee = product(blueprint.fee, times);
  const missing = missingTechs(blueprint, known);
  const lacks = Object.entries(blueprint.inputs).find(([item, quantity]) => have(item) < (product(quantity, times) ?? Infinity));
  const problem = (madeAt(blueprint, hub) ? null : `${name('hub', hub)} does not make this.`)
    ?? (missing.length > 0 ? `Research ${missing.map((tech) => name('tech', tech)).join(' and ')} first.` : null)
    ?? amountProblem(runs, { most: rules.runs_max })
    ?? (jobs >= rules.jobs_max ? `Only ${grouped(rules.jobs_max)} jobs may wait or run.` : null)
    ?? (lacks ? `${goodsOf(lacks[1] * times, name('item', lacks[0]))} needed, you have ${grouped(have(lacks[0]))} here.` : null)
    ?? creditsProblem(fee, credits);
  return { problem, fee, seconds: blueprint.seconds * times, output: blueprint.output_quantity * times };
}
