// One mission: what its phase needs, taking part, where to get what is needed and handing it in, and the leaderboard as it changes.

import { button, empty, failure, fill, h, loading, meter, section } from '../../ui/dom.js';
import { count, countdown, credits, number, permille, ticking, time } from '../../ui/format.js';
import { missionKind } from '../../ui/names.js';
import { flyButton } from '../../ui/way.js';
import { inHold, inStorage } from '../economy/known.js';
import { refill } from '../economy/parts.js';
import { amountProblem, wholeNumber } from '../economy/rules.js';
import { sourceButtons } from '../sources.js';
import { follow } from '../topics.js';
import { stateBadge } from './missions.js';
import { placeLine } from './place.js';
import { ranksTable } from './ranks.js';
import { isUnderWay, showBusy } from './under_way.js';

/** The own place is not in what is sent; asked for so often at most, ms. */
const RANKS_EVERY_MS = 2500;
const TOP = 10;
const PAST_MAX = 100;

export function mountMission(root, game, key, back) {
  const kind = game.catalog.missions?.[missionKind(key)];
  const head = h('div', { class: 'section' });
  const needs = h('div', { class: 'section' });
  const board = h('div', {}, loading());
  const place = kind ? placeLine(game, kind.hub) : null;
  let mission = null;
  let ranks = null;
  let joined = false;
  let left = false;
  let timer = 0;
  const drafts = new Map();

  fill(root, h('div', { class: 'row' }, button('‹ All missions', back, { class: 'button--small' })), head, needs, section('Leaderboard', board));
  fill(head, loading());

  async function load() {
    try {
      mission = await find(game, key);
      if (left) return;
      if (!mission) {
        fill(head, h('h3', {}, game.name('mission', key)), empty('This mission is not kept any more.'));
        fill(needs);
        return;
      }
      showHead();
      showNeeds();
    } catch (error) {
      if (!left) fill(head, failure(game.explain(error), load));
    }
  }

  async function loadRanks() {
    timer = 0;
    try {
      const answer = await game.client.command('mission_ranks', { mission: key, top: TOP, around: 2 });
      if (left) return;
      ranks = answer;
      const mine = [...ranks.top, ...ranks.around].some(({ player }) => player === game.client.player);
      if (mine && !joined) {
        joined = true;
        showHead();
        showNeeds();
      }
      showBoard();
    } catch (error) {
      if (!left && !ranks) fill(board, failure(game.explain(error), loadRanks));
    }
  }

  const ranksSoon = () => { timer ||= setTimeout(loadRanks, RANKS_EVERY_MS); };

  const clock = h('b', {});
  const stopTicking = ticking((nowMs) => { if (mission?.state === 'running') clock.textContent = countdown(mission.due_ms, nowMs); });

  function showHead() {
    if (!mission) return;
    const shares = kind?.rank_permille?.length ? `${kind.rank_permille.slice(0, 3).map(permille).join(', ')} of it go to the first; the rest to all by score.` : 'Shared out by score.';
    if (mission.state === 'running') clock.textContent = countdown(mission.due_ms);
    fill(head,
      h('div', { class: 'spread' }, h('h3', { class: 'mission__title' }, game.name('mission', key)), stateBadge(mission)),
      kind?.about && h('p', {}, kind.about), place?.element,
      h('dl', { class: 'mission__facts' },
        h('div', {}, h('dt', {}, mission.state === 'running' ? 'Ends in' : 'Ended'), h('dd', {}, mission.state === 'running' ? clock : time(mission.due_ms))),
        h('div', {}, h('dt', {}, 'Reward'), h('dd', { class: 'own' }, credits(mission.reward))),
        h('div', {}, h('dt', {}, 'Taking part'), h('dd', {}, count(mission.participants, 'player')))),
      h('p', { class: 'muted small' }, shares),
      mission.state === 'running' && (joined ? h('p', { class: 'good' }, 'You take part.') : button('Join this mission', join, { class: 'button--primary button--wide' })));
  }

  async function join() {
    try {
      const { participants } = await game.act('join_mission', { mission: key }, { done: `You take part in ${game.name('mission', key)}.` });
      joined = true;
      mission.participants = participants;
      if (left) return;
      showHead();
      showNeeds();
      loadRanks();
    } catch (error) {
      if (error.code === 'ended' || error.code === 'unknown_mission') load();
    }
  }

  function showNeeds() {
    if (!mission || mission.state !== 'running') return fill(needs);
    // What was typed, and where the typing goes on, outlives the news that draw this anew.
    const typing = document.activeElement?.dataset?.item;
    const held = document.activeElement?.closest?.('form')?.dataset.item;
    refill(needs, h('h3', {}, 'Needed now'),
      h('p', { class: joined ? 'mission__next' : 'muted small' }, joined ? nextStep() : 'Join first, then bring goods to the hub: they are taken from your storage there, then from the hold.'),
      h('ul', { class: 'list needs' }, mission.needs.map(need)));
    if (typing) needs.querySelector(`input[data-item="${typing}"]`)?.focus();
    else if (held) needs.querySelector(`form[data-item="${held}"] button`)?.focus();
    return undefined;
  }

  /** In a sentence, how it goes on for who takes part. */
  function nextStep() {
    const open = mission.needs.filter(({ needed, given }) => given < needed);
    if (open.length === 0) return 'This phase is complete: the next one begins in a moment.';
    const ready = open.filter(({ item }) => having(game, mission.hub, item).all > 0);
    const hub = game.name('hub', mission.hub);
    if (ready.length === 0) return `Next: get ${open.map(({ item }) => game.name('item', item)).join(' or ')}, then fly to ${hub}.`;
    const goods = ready.map(({ item }) => game.name('item', item)).join(' and ');
    return game.state.hub === mission.hub ? `Next: contribute your ${goods} here.` : `Next: bring your ${goods} to ${hub}.`;
  }

  function need({ item, needed, given, points }) {
    const remaining = Math.max(0, needed - given);
    const have = having(game, mission.hub, item);
    const name = game.name('item', item);
    const input = h('input', { type: 'number', min: 1, step: 1, inputmode: 'numeric', 'data-item': item, 'aria-label': `Pieces of ${name}`, value: drafts.get(item) ?? String(Math.min(remaining, have.all) || ''), on: { input: () => drafts.set(item, input.value) } });
    const at = game.state.hub === mission.hub;
    const why = !joined || !remaining ? '' : !have.all ? 'You have none of it.' : at ? `You have ${number(have.all)} (${number(have.stored)} stored, ${number(have.hold)} in the hold).` : `You have ${number(have.all)}: bring ${have.all === 1 ? 'it' : 'them'} to ${game.name('hub', mission.hub)}.`;
    const underWay = () => isUnderWay(game, 'contribute', { mission: key, item });
    const submit = h('button', { type: 'submit', class: 'button button--primary', disabled: !at, 'aria-label': `Contribute ${name}` }, 'Contribute');
    if (underWay()) showBusy(submit, true);
    const form = h('form', { class: 'row', 'data-item': item, novalidate: true }, input, submit);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (underWay()) return undefined;
      const typed = input.value;
      const quantity = wholeNumber(typed);
      const problem = amountProblem(quantity);
      if (problem) return game.toast(`How many pieces? ${problem}`, { level: 'warn' });
      try {
        const answer = await game.act('contribute', { mission: key, hub: mission.hub, item, quantity });
        game.toast(`Contributed ${number(answer.taken)} ${name}. Your score is ${number(answer.score)}, rank ${number(answer.rank)}.`, { level: 'good' });
        // What was typed meanwhile stays.
        if (drafts.get(item) === typed) drafts.delete(item);
        if (left) return undefined;
        showNeeds();
        loadRanks();
      } catch (error) {
        if (['ended', 'not_needed', 'unknown_mission'].includes(error.code) && !left) load();
      }
      return undefined;
    });
    return h('li', { class: 'need' },
      h('div', { class: 'spread' }, h('span', {}, name, h('span', { class: 'muted small' }, `  ${count(points, 'point')} a piece`)), h('span', { class: 'nowrap' }, `${number(Math.min(given, needed))} / ${number(needed)}`)),
      meter(given, needed, `${name}: ${number(given)} of ${number(needed)}`),
      why && h('p', { class: 'muted small' }, why), joined && remaining > 0 && (have.all > 0 && at ? form : h('div', { class: 'row' }, have.all > 0 && flyButton(game, mission.hub, { class: 'button--primary button--small' }), sourceButtons(game, item))));
  }

  function showBoard() {
    if (ranks) fill(board, ranksTable(game, ranks, { rewards: mission?.state === 'over', caption: `Leaderboard of ${game.name('mission', key)}` }));
  }

  const offs = [
    follow(game, { mission: key }, (progress) => {
      if (!mission) return;
      const ended = progress.state !== mission.state;
      const { state, phase, participants } = progress;
      mission = { ...mission, state, phase, participants, needs: progress.needs };
      if (ranks) ranks = { ...ranks, participants, top: progress.top.map((entry) => ({ reward: 0, ...entry })) };
      showHead();
      showNeeds();
      showBoard();
      if (ended) load();
      ranksSoon();
    }),
    game.client.on('welcome', load),
    game.client.on('pending', showNeeds),
    game.watch((_, changed) => { if (['status', 'storage', 'hub', 'world'].some((name) => changed.has(name))) showNeeds(); }),
  ];
  load();
  loadRanks();
  return () => {
    left = true;
    clearTimeout(timer);
    stopTicking();
    place?.stop();
    offs.forEach((off) => off());
  };
}

/** What the player could hand in: of the storage at the hub, and of the hold. */
function having(game, hub, item) {
  const [stored, hold] = [inStorage(game, hub, item), inHold(game, item)];
  return { stored, hold, all: stored + hold };
}

/** A mission among those that run, or else among the past ones; null when it is not kept. */
async function find(game, key) {
  const among = async (body) => {
    let cursor = null;
    do {
      const page = await game.client.command('missions', { ...body, limit: PAST_MAX, ...(cursor !== null && { cursor }) });
      const found = page.items.find(({ mission }) => mission === key);
      if (found) return found;
      cursor = body.past ? null : page.next_cursor;
    } while (cursor !== null);
    return null;
  };
  return (await among({})) ?? among({ past: true });
}
