// The first five minutes: a short list that ticks itself off as the player does the things; folded, on small windows, it is the next step alone, with the button
// for it. Kept per player; it goes away when all is done or when it is closed.

import { button, fill, h } from './dom.js';
import { icon } from './icons.js';
import { local } from './store.js';
import { flyButton, nearestHub } from './way.js';

const STORE = 'orrery.guide';
const STEPS = [
  { key: 'fly', title: 'Fly', text: 'Click somewhere in space, or use W A S D.', touch: 'Tap somewhere in space.' },
  { key: 'collect', title: 'Collect something', text: 'Click an object, or press C for the nearest.', touch: 'Tap an object, or Collect below.', action: fetchNearest },
  { key: 'sell', title: 'Sell it at a hub', text: 'Fly into a hub’s ring and sell what is in the hold.', action: sell },
  { key: 'make', title: 'Research or craft', text: 'Choose a technology; the first ones take seconds.', action: (game) => button('Show me', () => game.open('research')) },
  { key: 'mission', title: 'Join a mission', text: 'All work on one goal and share the reward.', action: (game) => button('Show me', () => game.open('missions')) },
  { key: 'chat', title: 'Say hello', text: 'Everybody in this sector hears you.', action: (game) => button('Show me', () => game.open('chat')) },
];

function fetchNearest(game) {
  return button('Fetch the nearest', () => game.view.hud.collect());
}

/** At a hub the hold is opened; elsewhere the ship is sent to the nearest hub that buys what is in it. */
function sell(game) {
  if (game.state.hub) return button('Open the hold', () => game.open('ship'));
  const cargo = game.state.status?.cargo ?? [];
  const hub = nearestHub(game, ({ buys }) => cargo.length === 0 || cargo.some(({ item }) => buys[item] !== undefined)) ?? nearestHub(game);
  return hub && flyButton(game, hub.key, { class: '' });
}

export function createGuide(game) {
  const element = h('aside', { class: 'guide', 'aria-label': 'First steps', hidden: true });
  const store = `${STORE}.${game.client.player}`;
  const done = new Set();
  const coarse = matchMedia('(pointer: coarse)');
  let closed = false;
  let drawnFor = '';
  let folded = matchMedia('(max-width: 700px), (max-height: 780px)').matches;
  read();

  function read() {
    try {
      const kept = JSON.parse(local.getItem(store) ?? '{}');
      for (const key of kept.done ?? []) done.add(key);
      closed = kept.closed === true;
    } catch {
      // Broken by hand: the steps begin anew.
    }
  }

  const keep = () => local.setItem(store, JSON.stringify({ done: [...done], closed }));

  function tick(key) {
    if (done.has(key)) return;
    done.add(key);
    keep();
    if (!closed && done.size === STEPS.length) game.toast('You know the essentials. Fly safely!', { level: 'good' });
    show();
  }

  function close() {
    closed = true;
    keep();
    show();
  }

  function show() {
    const hidden = closed || done.size === STEPS.length;
    element.hidden = hidden;
    if (hidden) return;
    element.classList.toggle('guide--folded', folded);
    const next = STEPS.find(({ key }) => !done.has(key));
    const focused = element.contains(document.activeElement) ? document.activeElement.className : null;
    fill(element,
      h('div', { class: 'guide__head' },
        h('button', { type: 'button', class: 'guide__fold', 'aria-expanded': String(!folded), on: { click: () => { folded = !folded; show(); } } },
          h('b', {}, folded && h('span', { class: 'visually-hidden' }, 'Next: '), folded ? next.title : 'First steps'), h('span', { class: 'muted' }, folded ? `${STEPS.indexOf(next) + 1}/${STEPS.length}` : `${done.size} of ${STEPS.length}`), h('span', { class: 'muted', 'aria-hidden': 'true' }, folded ? '▾' : '▴')),
        h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close the first steps', on: { click: close } }, '×')),
      folded ? h('div', { class: 'guide__now' }, how(next)) : h('ol', { class: 'guide__steps' }, STEPS.map((step) => line(step, step === next))));
    // Drawn anew under somebody's finger, it keeps the keyboard's place.
    if (focused) (element.querySelector(`[class="${focused}"]`) ?? element.querySelector('.guide__fold')).focus();
  }

  function line(step, isNext) {
    const isDone = done.has(step.key);
    return h('li', { class: `guide__step ${isDone ? 'guide__step--done' : ''} ${isNext ? 'guide__step--next' : ''}` },
      icon(isDone ? 'check' : 'circle'),
      h('div', {}, h('span', { class: 'guide__title' }, step.title, isDone && h('span', { class: 'visually-hidden' }, ' (done)')), isNext && how(step)));
  }

  /** What to do, and the button that does it or leads there. */
  function how(step) {
    const action = step.action?.(game);
    action?.classList.add('button--small');
    return [h('p', {}, coarse.matches ? step.touch ?? step.text : step.text), action];
  }

  const offs = [
    game.watch(({ status, jobs }) => {
      // Where the next step is done, and by what.
      const here = JSON.stringify([game.state.hub, game.state.world?.key, status?.cargo?.map(({ item }) => item)]);
      if (here !== drawnFor) show();
      drawnFor = here;
      const life = status?.lifetime;
      if (life?.objects_collected > 0) tick('collect');
      if (life?.pieces_sold > 0) tick('sell');
      if (life?.techs_researched > 0 || status?.research || jobs?.items?.length) tick('make');
      if (life?.jumps > 0) tick('fly');
    }),
    game.acted((type) => {
      if (type === 'navigate') tick('fly');
      if (type === 'craft') tick('make');
      if (type === 'join_mission' || type === 'contribute') tick('mission');
      if (type === 'say') tick('chat');
    }),
    // However the view sends it off, a ship under way is a ship that flies.
    game.client.on('cells', () => {
      if (done.has('fly')) return;
      const { ship } = game.client;
      if (ship && ship.course.arrives > ship.course.departs) tick('fly');
    }),
  ];
  show();
  return {
    element,
    restart() {
      closed = false;
      if (done.size === STEPS.length) done.clear();
      keep();
      show();
    },
    stop: () => offs.forEach((off) => off()),
  };
}
