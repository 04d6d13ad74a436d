// Help: how to play in a few sentences, and all keys.

import { h } from './dom.js';
import { openDialog } from './dialog.js';
import { keys } from './keys.js';

const FLIGHT = [['W A S D or arrows', 'Fly in a direction'], ['Click or tap', 'Fly there'], ['Space', 'Stop'], ['C', 'Collect the nearest object; what is out of reach is flown to'],
  ['H', 'Sell or trade at the hub in reach, or fly to the nearest hub'], ['J', 'Jump through the gate in reach, or fly to the nearest gate'], ['I', 'List of what is in sight'], ['M', 'Map of the galaxy'], ['Wheel, + and −', 'Zoom'], ['0', 'Back to your ship']];
const HOW = [
  ['Fly', 'Click into space. Your ship goes there in a straight line, and everybody sees it.'],
  ['Collect', 'Ore, ice and salvage drift about. Fly near and collect; who is first gets it. What you carry fills the hold.'],
  ['Sell', 'Hubs buy goods. Fly into a hub’s ring and sell to it, or trade with other players on the hub’s market.'],
  ['Storage', 'Each hub keeps goods for you. What you buy, win or craft lies there; load it when you are at the hub.'],
  ['Research and craft', 'Technologies make the ship better. Blueprints turn goods into better ones. Both go on while you are away.'],
  ['Missions', 'All work on one goal. Bring what it needs to the mission’s hub; the reward is shared out at the end.'],
  ['Jump', 'Gates lead to other sectors, with other goods and prices.'],
];

export function showHelp({ restartGuide }) {
  const pair = ([name, text]) => [h('dt', {}, name), h('dd', {}, text)];
  const key = (label) => h('kbd', {}, label);
  const own = keys.list().filter(({ label }) => label);
  const dialog = openDialog({ title: 'Help', size: 'wide' });
  dialog.setBody(
    h('dl', { class: 'definitions' }, HOW.map(pair)),
    h('h3', {}, 'Keys'),
    h('dl', { class: 'definitions definitions--keys' }, FLIGHT.map(([name, text]) => [h('dt', {}, key(name)), h('dd', {}, text)]),
      own.map((entry) => [h('dt', {}, key(entry.key.length === 1 ? entry.key.toUpperCase() : entry.key)), h('dd', {}, entry.label)])),
    h('p', {}, h('button', { type: 'button', class: 'button', on: { click: () => { dialog.close(); restartGuide(); } } }, 'Show the first steps again')));
  dialog.element.querySelector('h2').focus();
}
