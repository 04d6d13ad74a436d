// Missions: those that run and those that are over; one of them is mission.js.

import { badge, button, empty, failure, fill, h, loading, meter, tabs } from '../../ui/dom.js';
import { count, countdown, credits, number, ticking, time } from '../../ui/format.js';
import { missionKind } from '../../ui/names.js';
import { mountMission } from './mission.js';
import { placeName } from './place.js';

const PAGE = 20;

export const missions = { key: 'missions', title: 'Missions', group: 'social', shortcut: 'q', mount };

function mount(root, game, params) {
  let leave = () => {};
  const show = (mission) => {
    leave();
    root.replaceChildren();
    leave = mission ? mountMission(root, game, mission, () => show(null)) : mountList(root, game, show);
  };
  show(params.mission ?? null);
  return () => leave();
}

function mountList(root, game, open) {
  let stop = () => {};
  let round = 0;
  const choice = tabs('Missions', [['running', 'Running'], ['past', 'Past']], 'running', (key) => load(key === 'past'));
  fill(root, choice.element, choice.body);

  async function load(past) {
    stop();
    const mine = ++round;
    fill(choice.body, loading());
    const clocks = [];
    const list = h('ul', { class: 'cards' });
    const more = h('div', {});
    stop = ticking((nowMs) => clocks.forEach((clock) => clock(nowMs)));
    const page = async (cursor) => {
      try {
        const answer = await game.client.command('missions', { ...(past && { past: true }), limit: PAGE, ...(cursor !== null && { cursor }) });
        if (mine !== round) return;
        list.append(...answer.items.map((mission) => h('li', {}, card(game, mission, clocks, () => open(mission.mission)))));
        fill(choice.body, list.children.length ? list : empty(past ? 'No mission has ended yet.' : 'No mission runs just now. The next one begins by itself.'), more);
        fill(more, answer.next_cursor !== null && button('Show more', () => page(answer.next_cursor)));
        clocks.forEach((clock) => clock(Date.now()));
      } catch (error) {
        if (mine === round) fill(choice.body, failure(game.explain(error), () => load(past)));
      }
    };
    await page(null);
  }

  return () => {
    round++;
    stop();
  };
}

function card(game, mission, clocks, open) {
  const kind = game.catalog.missions?.[missionKind(mission.mission)];
  const left = h('span', { class: 'nowrap' });
  if (mission.state === 'running') clocks.push((nowMs) => { left.textContent = mission.due_ms > nowMs ? `${countdown(mission.due_ms, nowMs)} left` : 'ending'; });
  else left.textContent = time(mission.due_ms);
  return h('div', { class: 'card mission-card' },
    h('div', { class: 'spread' }, h('h3', {}, h('button', { type: 'button', class: 'link mission-card__open', on: { click: open } }, game.name('mission', mission.mission))), stateBadge(mission)),
    kind?.about && h('p', { class: 'muted small' }, kind.about),
    mission.state === 'running' && phaseMeter(mission),
    h('p', { class: 'muted small' }, placeName(game, mission.hub)),
    h('p', { class: 'mission-card__facts small' }, left, h('span', {}, count(mission.participants, 'player')), h('span', { class: 'own' }, credits(mission.reward))));
}

export function stateBadge({ state, phase, phases, completed }) {
  if (state === 'running') return badge(`Phase ${number(phase + 1)} of ${number(phases)}`, 'info');
  if (state === 'paying') return badge('Paying out', 'warn');
  return completed ? badge('Completed', 'good') : badge('Not completed');
}

/** How far the phase is, all goods together. */
export function phaseMeter({ needs }) {
  const needed = needs.reduce((sum, need) => sum + need.needed, 0);
  const given = needs.reduce((sum, need) => sum + Math.min(need.given, need.needed), 0);
  return meter(given, needed, `${number(given)} of ${count(needed, 'piece')} delivered`);
}
