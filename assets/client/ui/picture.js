// The picture of the start screen: an orrery, the machine that shows how worlds go round. Decoration; it stands still where motion is not wanted (frame.css).

import { h, svg } from './dom.js';

const ORBITS = [[90, 5, '#ffc46b', 0], [150, 7, '#4fd1e8', 1], [215, 6, '#8fb8ff', 2], [290, 9, '#e2a3ff', 3], [370, 7, '#7fe0b0', 4]];

export function orreryPicture() {
  return h('div', { class: 'orrery', 'aria-hidden': 'true' }, svg('svg', { viewBox: '-400 -400 800 800', focusable: 'false' },
    svg('defs', {}, svg('radialGradient', { id: 'sun' }, svg('stop', { offset: '0%', 'stop-color': '#fff3d6' }), svg('stop', { offset: '45%', 'stop-color': '#ffc46b' }), svg('stop', { offset: '100%', 'stop-color': '#ffc46b', 'stop-opacity': 0 }))),
    stars(),
    svg('circle', { r: 58, fill: 'url(#sun)' }),
    ORBITS.map(([radius, size, colour, index]) => svg('g', { class: `orrery__orbit orrery__orbit--${index}` },
      svg('circle', { r: radius, class: 'orrery__ring' }), svg('circle', { cx: radius, r: size, fill: colour })))));
}

/** Always the same sky: drawn from a small generator, not from chance. */
function stars() {
  let seed = 7;
  const next = () => { seed = (seed * 48271) % 2147483647; return seed / 2147483647; };
  return Array.from({ length: 120 }, () => svg('circle', { cx: Math.round(next() * 800 - 400), cy: Math.round(next() * 800 - 400), r: (0.5 + next()).toFixed(1), class: 'orrery__star' }));
}
