// Small line drawings for buttons. Each is a list of SVG paths in a square of 24; what has none shows its first letter.

import { h, svg } from './dom.js';

const PATHS = {
  ship: ['M12 3l5 15-5-3-5 3z'],
  inventory: ['M4 8l8-4 8 4v8l-8 4-8-4z', 'M4 8l8 4 8-4', 'M12 12v8'],
  storage: ['M4 8l8-4 8 4v8l-8 4-8-4z', 'M4 8l8 4 8-4', 'M12 12v8'],
  market: ['M4 19V5', 'M4 19h16', 'M8 15l3-4 3 2 5-6'],
  auctions: ['M5 19h9', 'M8 9l5-5 5 5-5 5z', 'M10.500 11.500L4 18'],
  contracts: ['M6 3h9l4 4v14H6z', 'M14 3v5h5', 'M9 13h7', 'M9 17h5'],
  crafting: ['M14 6a4 4 0 0 0-5 5l-6 6 3 3 6-6a4 4 0 0 0 5-5l-2.500 2.500-3-3z'],
  research: ['M9 3h6', 'M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3', 'M8 15h8'],
  offers: ['M4 12l8-8h7v7l-8 8z', 'M15 8.500h.01'],
  give: ['M4 11h16v9H4z', 'M3 7h18v4H3z', 'M12 7v13', 'M12 7c-5 0-5-4-2.500-4S12 7 12 7s0-4 2.500-4S17 7 12 7z'],
  missions: ['M5 21V4', 'M5 4h12l-2.500 4L17 12H5'],
  seasons: ['M8 4h8v6a4 4 0 0 1-8 0z', 'M8 6H4c0 4 2 5 4 5', 'M16 6h4c0 4-2 5-4 5', 'M12 14v4', 'M8 20h8'],
  guild: ['M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z', 'M9 12l2 2 4-4'],
  chat: ['M4 5h16v11H10l-5 4v-4H4z'],
  friends: ['M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z', 'M3 20c0-4 3-6 6-6s6 2 6 6', 'M16 4.500a3.500 3.500 0 0 1 0 6.500', 'M17 14c2.500.5 4 2.500 4 6'],
  notifications: ['M6 16V11a6 6 0 0 1 12 0v5l2 2H4z', 'M10 21h4'],
  settings: ['M4 7h9', 'M17 7h3', 'M15 5v4', 'M4 17h3', 'M11 17h9', 'M9 15v4'],
  help: ['M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2', 'M12 18h.01', 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z'],
  menu: ['M4 7h16', 'M4 12h16', 'M4 17h16'],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  map: ['M9 4L3 6v14l6-2 6 2 6-2V4l-6 2z', 'M9 4v14', 'M15 6v14'],
  check: ['M5 12l5 5 9-10'],
  circle: ['M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z'],
  leave: ['M14 4h5v16h-5', 'M4 12h11', 'M11 8l4 4-4 4'],
  account: ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M4 21c0-5 4-7 8-7s8 2 8 7'],
};

export function icon(key, title = '') {
  const paths = PATHS[key];
  if (!paths) return h('span', { class: 'icon icon--letter', 'aria-hidden': 'true' }, (title || key).slice(0, 1).toUpperCase());
  return svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, paths.map((d) => svg('path', { d })));
}
