// What an operator may do to a player: each is a change with dry run, before and after, reason, version and undo (lib/change.js). What the role does not
// allow is not offered.

import { api } from '../../lib/api.js';
import { h } from '../../lib/dom.js';
import { button } from '../../lib/dialog.js';
import { openChange } from '../../lib/change.js';
import { toast } from '../../lib/toast.js';

const REASON_SHOWN = { name: 'reason_shown', label: 'What the player is told', type: 'text', required: true, maxlength: 500, help: 'One line.' };

export function actionButtons(subject) {
  const { ban, mute, online, erased_ms: erased } = subject.current;
  const moderator = subject.ctx.can('moderator') && [
    mute ? act(subject, 'Unmute…', unmute) : act(subject, 'Mute…', muteIt),
    ban ? act(subject, 'Unban…', unban) : act(subject, 'Ban…', banIt),
    online && act(subject, 'Kick…', kick),
  ];
  const admin = subject.ctx.can('admin') && [
    act(subject, 'Grant…', grant), act(subject, 'Revoke…', revoke),
    act(subject, 'Grant technology…', grantTech), act(subject, 'Revoke technology…', revokeTech),
    act(subject, 'Move…', move), act(subject, 'Rename…', rename),
    button('Export', () => exportData(subject)), act(subject, 'Erase…', erase, 'danger'),
  ];
  if (erased) return [subject.ctx.can('admin') && button('Export', () => exportData(subject))];
  return [admin && admin.slice(0, 6), moderator, admin && admin.slice(6)];
}

const act = (subject, label, make, kind = '') => button(label, () => change(subject, make(subject)), { class: kind });

function change(subject, options) {
  const { id, etag } = subject.current;
  openChange({ path: `/players/${id}/changes`, version: etag, onDone: subject.refresh, ...options });
}

/** Muting or banning from elsewhere (chat, reports): the version is that of the dry run. Ends with the answer when it was done and left at that. */
export function moderate(kind, player) {
  const make = { mute: muteIt, ban: banIt }[kind];
  return openChange({ path: `/players/${player.id}/changes`, ...make({ current: player }) });
}

const valueFields = ({ names }) => [
  { name: 'credits', label: 'Credits', type: 'integer', min: 0, max: Number.MAX_SAFE_INTEGER },
  { name: 'goods', label: 'Goods', type: 'goods', options: names.items.keys },
  { name: 'hub', label: 'Goods go to or come from', type: 'select', options: [['', 'the ship’s hold'], ...names.hubs.options.map(([key, name]) => [key, `storage at ${name}`])] },
];

function toValue(kind, { credits, goods, hub }) {
  return { kind, ...(credits ? { credits } : {}), ...(Object.keys(goods).length > 0 ? { goods } : {}), ...(hub ? { hub } : {}) };
}

const grant = (subject) => ({
  title: `Grant to ${subject.current.name}`, fields: valueFields(subject), toChange: (values) => toValue('grant', values), confirm: 'Grant',
  intro: 'The value comes from the account “operators” of the ledger. Goods for the hold must fit into it.',
});

const revoke = (subject) => ({
  title: `Revoke from ${subject.current.name}`, fields: valueFields(subject), toChange: (values) => toValue('revoke', values), confirm: 'Revoke', danger: true,
  intro: 'Refused when the player has less than this.',
});

const grantTech = ({ current, names }) => ({
  title: `Grant ${current.name} a technology`, confirm: 'Grant', toChange: ({ tech }) => ({ kind: 'grant_tech', tech }),
  fields: [{ name: 'tech', label: 'Technology', type: 'select', required: true, options: names.techs.options.filter(([key]) => !current.known.includes(key)) }],
});

const revokeTech = ({ current, names }) => ({
  title: `Revoke a technology of ${current.name}`, confirm: 'Revoke', danger: true, toChange: ({ tech }) => ({ kind: 'revoke_tech', tech }),
  fields: [{ name: 'tech', label: 'Technology', type: 'select', required: true, options: current.known.map((key) => [key, names.techs.name(key)]) }],
});

const move = ({ current, names }) => ({
  title: `Move ${current.name}`, confirm: 'Move', toChange: (values) => ({ kind: 'move', ...values }),
  fields: [
    { name: 'world', label: 'World', type: 'select', options: names.sectors.options, value: current.world ?? names.sectors.keys[0] },
    { name: 'x', label: 'x, in units', type: 'integer', min: 0, required: true, value: Math.round(current.position?.x ?? 0) },
    { name: 'y', label: 'y, in units', type: 'integer', min: 0, required: true, value: Math.round(current.position?.y ?? 0) },
  ],
});

const rename = ({ current }) => ({
  title: `Rename ${current.name}`, confirm: 'Rename', toChange: ({ name }) => ({ kind: 'rename', name }),
  fields: [{ name: 'name', label: 'New name', type: 'text', required: true, minlength: 3, maxlength: 24, value: current.name }],
});

const muteIt = ({ current }) => ({
  title: `Mute ${current.name}`, confirm: 'Mute', toChange: (values) => ({ kind: 'mute', ...values }),
  fields: [{ name: 'until_ms', label: 'How long', type: 'until', value: 1 }, REASON_SHOWN],
});

const banIt = ({ current }) => ({
  title: `Ban ${current.name}`, confirm: 'Ban', danger: true, toChange: (values) => ({ kind: 'ban', ...values }),
  fields: [{ name: 'until_ms', label: 'How long', type: 'until', value: 24 }, REASON_SHOWN], intro: 'Whoever plays now is logged out.',
});

const unmute = ({ current }) => ({ title: `Unmute ${current.name}`, confirm: 'Unmute', toChange: () => ({ kind: 'unmute' }) });

const unban = ({ current }) => ({ title: `Unban ${current.name}`, confirm: 'Unban', toChange: () => ({ kind: 'unban' }) });

const kick = ({ current }) => ({
  title: `Kick ${current.name}`, path: `/players/${current.id}/kick`, version: null, dryRun: false, confirm: 'Kick', danger: true,
  intro: 'Ends the player’s sessions. The player can come back at once.', fields: [REASON_SHOWN],
  envelope: ({ reason_shown }, reason) => ({ reason, reason_shown }),
});

const erase = ({ current }) => ({
  title: `Erase ${current.name}`, confirm: 'Erase for good', danger: true, toChange: ({ confirm }) => ({ kind: 'erase', confirm }),
  warning: 'Name, password, log-ins, chat lines and friends are erased; what the player owns goes to the account “operators”. This cannot be undone.',
  fields: [{ name: 'confirm', label: `Type the name ${current.name}`, type: 'text', required: true, pattern: exactly(current.name) }],
});

/** A pattern that only this text matches. */
const exactly = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

async function exportData({ current, ctx }) {
  try {
    const data = await api.get(`/players/${current.id}/export`, { signal: ctx.signal });
    save(`player-${current.id}.json`, JSON.stringify(data, null, 2));
    toast('The export is saved; it is in the audit log.');
  } catch (error) {
    if (!ctx.signal.aborted) toast(error.message, 'bad');
  }
}

function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  h('a', { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
