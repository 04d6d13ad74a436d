// The picture of the start screen: an orrery, the machine that shows how worlds go round. Decoration; it stands still where motion is not wanted.

import { h, svg } from './dom.js';

/** Radius of the orbit, of the world, its colour, seconds for one round, and where on its round it begins, 0 to 1. */
const WORLDS = [[150, 7, '#9be8f5', 26, 0.62], [225, 10, '#4fd1e8', 44, 0.2], [315, 8, '#8fb8ff', 71, 0.86], [420, 14, '#e2a3ff', 104, 0.42], [545, 11, '#7fe0b0', 155, 0.08]];
/** How flat the orbits are seen, and how far they lean, degrees. */
const FLAT = 0.44;
const LEAN = -14;
const STARS = 150;

export function orreryPicture() {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return h('div', { class: 'orrery', 'aria-hidden': 'true' }, svg('svg', { viewBox: '-600 -400 1200 800', preserveAspectRatio: 'xMidYMid slice', focusable: 'false' },
    svg('defs', {}, svg('radialGradient', { id: 'sun' },
      svg('stop', { offset: '0%', 'stop-color': '#fffaf0' }), svg('stop', { offset: '20%', 'stop-color': '#ffd998' }), svg('stop', { offset: '27%', 'stop-color': '#ffc46b', 'stop-opacity': 0.45 }), svg('stop', { offset: '50%', 'stop-color': '#ffc46b', 'stop-opacity': 0.13 }), svg('stop', { offset: '100%', 'stop-color': '#ffc46b', 'stop-opacity': 0 }))),
    stars(),
    svg('g', { transform: `rotate(${LEAN})` },
      WORLDS.map(([radius]) => svg('ellipse', { rx: radius, ry: radius * FLAT, class: 'orrery__ring' })),
      svg('circle', { r: 150, fill: 'url(#sun)' }),
      WORLDS.map((world) => planet(world, still)))));
}

function planet([radius, size, colour, seconds, begins], still) {
  const angle = begins * 2 * Math.PI;
  const at = [Math.cos(angle) * radius, Math.sin(angle) * radius * FLAT];
  const back = [-at[0], -at[1]];
  const path = `M${at} A${radius} ${radius * FLAT} 0 0 1 ${back} A${radius} ${radius * FLAT} 0 0 1 ${at}`;
  return svg('circle', { r: size, fill: colour, transform: still ? `translate(${at})` : undefined }, !still && svg('animateMotion', { dur: `${seconds}s`, repeatCount: 'indefinite', path }));
}

/** Always the same sky: drawn from a small generator, not from chance. */
function stars() {
  let seed = 7;
  const next = () => { seed = (seed * 48271) % 2147483647; return seed / 2147483647; };
  return Array.from({ length: STARS }, () => svg('circle', { cx: Math.round(next() * 1200 - 600), cy: Math.round(next() * 800 - 400), r: (0.4 + next() * 0.9).toFixed(1), class: 'orrery__star' }));
}
