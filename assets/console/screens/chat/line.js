// One line of chat: when, who (a link to the player), what; and muting who said it, where the role allows that.

import { h, link } from '../../lib/dom.js';
import { button } from '../../lib/dialog.js';
import { clock, stamp } from '../../lib/format.js';
import { moderate } from '../player/actions.js';

export function chatLine(line, ctx, { reported = false } = {}) {
  return h('li', { class: reported ? 'line reported' : 'line', 'data-seq': line.seq },
    h('time', { datetime: new Date(line.at_ms).toISOString(), title: stamp(line.at_ms), class: 'muted' }, clock(line.at_ms)),
    h('span', { class: 'said' }, link(`/players/${line.player}`, line.name), ': ', line.text, reported && h('strong', { class: 'visually-hidden' }, ' (this line was reported)')),
    ctx.can('moderator') && button('Mute', () => moderate('mute', { id: line.player, name: line.name }), { class: 'quiet small', 'aria-label': `Mute ${line.name}` }));
}
