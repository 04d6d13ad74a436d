// The dialog of what the player may set; for developers the network simulator too.

import { button, field, h, section, select } from './dom.js';
import { openDialog } from './dialog.js';

export function showSettings(game, { reconnect }) {
  const { settings, net } = game;
  const dialog = openDialog({ title: 'Settings', size: 'wide' });
  const toggle = (key, label, help) => {
    const box = h('input', { type: 'checkbox', checked: settings.get(key), on: { change: () => settings.set(key, box.checked) } });
    return h('div', { class: 'field' }, h('label', { class: 'check' }, box, label), help && h('p', { class: 'field__help' }, help));
  };
  const simulated = (key, label, max, help) => {
    const input = h('input', { type: 'number', min: 0, max, step: 1, value: settings.get(key), on: { change: () => {
      const value = Math.min(max, Math.max(0, Math.round(Number(input.value) || 0)));
      input.value = value;
      settings.set(key, value);
      net.set({ [key]: value });
    } } });
    return field(label, input, help);
  };
  const developer = h('div', {});
  const showDeveloper = () => {
    developer.replaceChildren(...(settings.get('developer') ? [section('Network simulator',
      h('p', { class: 'muted small' }, 'Makes the connection worse than it is, to see how the game feels far away. Kept until it is set to 0 again.'),
      h('div', { class: 'row' }, simulated('latencyMs', 'Latency, ms', 2000, 'each way'), simulated('jitterPercent', 'Jitter, %', 100, 'of the latency')),
      h('div', {}, button('Drop the connection', () => net.drop(), { class: 'button--danger' })))] : []));
  };
  const encoding = select([['msgpack', 'MessagePack (smaller)'], ['json', 'JSON (readable)']], settings.get('encoding'), { on: { change: () => settings.set('encoding', encoding.value) } });

  dialog.setBody(
    toggle('names', 'Names beside ships'),
    toggle('chatLines', 'Chat over the picture', 'The last lines that were said, for a few seconds.'),
    h('p', { class: 'muted small' }, matchMedia('(prefers-reduced-motion: reduce)').matches ? 'Your system asks for less motion: decorative motion is off.' : 'Decorative motion follows your system’s setting.'),
    h('details', { class: 'details', open: settings.get('developer') }, h('summary', {}, 'Advanced'), h('div', { class: 'form' },
      field('Encoding', encoding, 'How the page speaks to the server, from the next connection on. Nothing that you see depends on it.'),
      h('div', {}, button('Connect anew', () => { dialog.close(); reconnect(); })),
      toggle('developer', 'I am a developer', 'Shows the network simulator. The page’s handle in the browser’s console is window.orrery.'), developer)));
  const off = settings.watch((key) => { if (key === 'developer') showDeveloper(); });
  showDeveloper();
  dialog.closed.then(off);
}
