// The boards of the seasons: the running one and those before it.

import { button, failure, fill, h, loading, tabs } from '../../ui/dom.js';
import { countdown, number, ticking } from '../../ui/format.js';
import { ranksTable } from './ranks.js';

const BOARDS = {
  wealth: ['Wealth', 'Credits', 'Credits in the wallet.'],
  collected: ['Collected', 'Objects', 'Objects collected this season.'],
  traded: ['Traded', 'Credits', 'Credits that changed hands in trades with other players.'],
  missions: ['Missions', 'Score', 'Score in missions.'],
};
const TOP = 25;
const AROUND = 3;

export const seasons = { key: 'seasons', title: 'Seasons', group: 'social', shortcut: 'b', mount };

function mount(root, game, params) {
  const lengthMs = game.catalog.economy.season.seconds * 1000;
  const running = () => Math.floor(Date.now() / lengthMs);
  let season = params.season ?? running();
  let board = params.board in BOARDS ? params.board : 'wealth';
  let round = 0;
  const title = h('b', {});
  const ends = h('span', { class: 'muted small' });
  const earlier = button('‹', () => go(season - 1), { class: 'button--small', 'aria-label': 'Season before' });
  const later = button('›', () => go(season + 1), { class: 'button--small', 'aria-label': 'Season after' });
  const choice = tabs('Boards', Object.entries(BOARDS).map(([key, [name]]) => [key, name]), board, (key) => {
    board = key;
    load();
  });
  fill(root, choice.element, h('div', { class: 'spread' }, earlier, h('div', { class: 'season__title' }, title, ends), later), choice.body);

  function go(number_) {
    season = Math.min(number_, running());
    load();
  }

  function showSeason() {
    const current = season >= running();
    title.textContent = `Season ${number(season)}`;
    ends.textContent = current ? `ends in ${countdown((season + 1) * lengthMs)}` : 'over';
    later.disabled = current;
    earlier.disabled = season <= 0;
  }

  async function load() {
    const mine = ++round;
    const [name, score, about] = BOARDS[board];
    showSeason();
    fill(choice.body, loading());
    try {
      const ranks = await game.client.command('season_ranks', { board, top: TOP, around: AROUND, ...(season < running() && { season }) });
      if (mine === round) fill(choice.body, h('p', { class: 'muted small' }, about), ranksTable(game, ranks, { score, caption: `${name}, season ${season}` }));
    } catch (error) {
      if (mine !== round) return;
      if (error.code === 'not_found') fill(choice.body, h('p', { class: 'state-note' }, 'This season is not kept.'));
      else fill(choice.body, failure(game.explain(error), load));
    }
  }

  const stop = ticking(showSeason);
  return () => {
    round++;
    stop();
  };
}
