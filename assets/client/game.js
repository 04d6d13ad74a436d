// What all parts of the page share while somebody plays: the connection, the catalogue, and what the page knows of the player.
// One for each log-in; app.js makes it, the frame, the view and the panels use it. It draws nothing itself.
//
//   game.client, game.api, game.catalog, game.settings, game.net, game.people
//   game.name(kind, key)                   display name of an item, ship, object, tech, blueprint, mission, hub, gate or sector
//   game.hub(key), game.gate(key)          the catalogue's entry, with `sector`
//   game.state                             what is known; watch it, do not change it:
//       status, stats, storage, techs, jobs   the last answers of `status`, `ship_stats`, `storage`, `tech_tree`, `jobs`; null before the first
//       unread                                number of unread notifications
//       world                                 client.world
//       hubs                                  the hubs of this world, as in the catalogue
//       hub, gate                             key of the hub and of the gate in reach, or null
//       pending                               number of economic commands without an answer
//   game.watch((state, changed: Set) => …) → off     called once at once, with all keys
//   game.refresh('status', 'storage', …) → Promise   asks anew; many calls together are one question
//   game.act(type, body, {quiet, done}) → Promise    a command; a refusal becomes a toast in plain words and is thrown again; `done` is a toast for success
//   game.acted((type, answer, body) => …) → off      every command that was carried out
//   game.open(panel, params), game.close(), game.showPicture() (closes the panel where it covers the picture), game.toast(text, {level, action}), game.confirm({title, text, yes, danger}), game.selectPlayer(id, name)
//   game.position() → [x, y] | null                  where the player's ship is now, in steps

import { positionAt, STEPS_PER_UNIT, within } from './orrery.js';
import { confirmDialog } from './ui/dialog.js';
import { createNames, createPeople } from './ui/names.js';
import { explain } from './ui/refusals.js';
import { toast } from './ui/toast.js';

const REACH_EVERY_MS = 250;
const REFRESH_AFTER_MS = 120;
const QUESTIONS = { status: 'status', stats: 'ship_stats', storage: 'storage', techs: 'tech_tree', jobs: 'jobs' };
/** What a command or a notification changes, beside the status. */
const CHANGES = {
  craft: ['storage', 'jobs'], cancel_craft: ['storage', 'jobs'], crafted: ['storage', 'jobs'],
  research: ['techs'], cancel_research: ['techs'], research_done: ['techs', 'stats'], tech_granted: ['techs', 'stats'], tech_revoked: ['techs', 'stats'],
  buy_ship: ['stats'],
  list: ['storage'], buy: ['storage'], order: ['storage'], cancel_order: ['storage'], auction: ['storage'], bid: ['storage'], cancel_auction: ['storage'],
  deliver: ['storage'], load: ['storage'], unload: ['storage'], supply: ['storage'], contribute: ['storage'],
  order_filled: ['storage'], order_expired: ['storage'], auction_won: ['storage'], auction_expired: ['storage'], contract_fulfilled: ['storage'],
  contract_expired: ['storage'], mission_over: ['storage'], granted: ['storage'], revoked: ['storage'],
};
/** Commands and notifications after which the wallet and the hold are as before. */
const NOTHING = new Set(['navigate', 'jump', 'say', 'report', 'read_notifications', 'join_mission', 'befriend', 'unfriend', 'block', 'unblock', 'mute', 'unmute', 'invite',
  'decline_invite', 'accept_invite', 'kick', 'set_role', 'set_limit', 'set_motd', 'subscribe', 'unsubscribe',
  'friend_asked', 'friend_agreed', 'guild_invited', 'guild_left', 'guild_role', 'muted', 'mute_lifted', 'ban_lifted', 'season_over', 'contract_accepted']);

export function createGame({ client, api, catalog, settings, net }) {
  const names = createNames(catalog);
  const people = createPeople();
  const watchers = new Set();
  const actWatchers = new Set();
  const offs = [];
  const state = { status: null, stats: null, storage: null, techs: null, jobs: null, unread: 0, world: null, hubs: [], hub: null, gate: null, pending: 0 };
  const refreshing = createRefreshing(client, set);

  function set(values) {
    const changed = new Set(Object.keys(values).filter((key) => state[key] !== values[key]));
    if (!changed.size) return;
    Object.assign(state, values);
    tell(changed);
  }

  function tell(changed) {
    for (const watcher of [...watchers]) guarded(() => watcher(state, changed));
  }

  function follow(what) {
    const keys = NOTHING.has(what) ? CHANGES[what] ?? [] : ['status', ...(CHANGES[what] ?? [])];
    if (keys.length) game.refresh(...keys);
  }

  function inWorld() {
    const sector = client.world ? catalog.sectors[client.world.key] : null;
    set({ world: client.world, hubs: sector?.hubs ?? [] });
    reach();
  }

  function reach() {
    const at = game.position();
    const sector = client.world ? catalog.sectors[client.world.key] : null;
    if (!at || !sector) return set({ hub: null, gate: null });
    set({ hub: inReach(sector.hubs, at), gate: inReach(sector.gates, at) });
  }

  const game = {
    client, api, catalog, settings, net, people, state,
    name: names.name, hub: names.hub, gate: names.gate, hubs: names.hubs,
    watch(watcher) {
      watchers.add(watcher);
      watcher(state, new Set(Object.keys(state)));
      return () => watchers.delete(watcher);
    },
    refresh: (...keys) => refreshing.ask(keys.length ? keys : Object.keys(QUESTIONS)),
    async act(type, body = {}, { quiet = false, done } = {}) {
      let answer;
      try {
        answer = await client.command(type, body);
      } catch (error) {
        error.told = true;
        if (!quiet) toast(game.explain(error), { level: error.code === 'connection_lost' ? 'warn' : 'bad' });
        throw error;
      }
      // It is done, whatever becomes of telling so.
      if (done) guarded(() => toast(typeof done === 'function' ? done(answer) : done, { level: 'good' }));
      for (const watcher of [...actWatchers]) guarded(() => watcher(type, answer, body));
      return answer;
    },
    acted(watcher) {
      actWatchers.add(watcher);
      return () => actWatchers.delete(watcher);
    },
    explain: (error) => explain(error, names.name),
    toast, confirm: confirmDialog,
    position() {
      const { ship } = client;
      return ship ? positionAt(ship.course, Math.floor(client.clock.tick())) : null;
    },
    // The frame gives these when it is there.
    open: () => {}, close: () => {}, showPicture: () => {}, selectPlayer: () => {}, view: null,
    stop() {
      clearInterval(timer);
      refreshing.stop();
      offs.forEach((off) => off());
    },
  };

  const timer = setInterval(reach, REACH_EVERY_MS);
  offs.push(
    client.on('welcome', () => { inWorld(); game.refresh(); }),
    client.on('entered', inWorld),
    client.on('pending', (pending) => set({ pending: pending.size })),
    // Also of commands that a page before this one gave.
    client.on('settled', ({ command, answer }) => { if (answer) follow(command.type); }),
    client.on('unread', ({ unread }) => set({ unread })),
    client.on('research_done', () => follow('research_done')),
    client.on('notification', ({ notice }) => {
      set({ unread: state.unread + 1 });
      follow(Object.keys(notice)[0]);
    }),
  );
  game.acted((type, answer) => { if (type === 'read_notifications') set({ unread: answer.unread }); });
  if (client.world) inWorld();
  set({ pending: client.pending.size });
  return game;
}

/** One part that fails must not keep the others from hearing. */
function guarded(run) {
  try {
    run();
  } catch (error) {
    reportError(error);
  }
}

/** The key of the first place that has the point in its range, or null. */
function inReach(places, at) {
  const near = (place) => within(at, [place.at[0] * STEPS_PER_UNIT, place.at[1] * STEPS_PER_UNIT], place.range_units * STEPS_PER_UNIT);
  return (places ?? []).find(near)?.key ?? null;
}

/** Asks questions together: what is wanted within a moment is asked once, and what is wanted while it is asked, once more after it. */
function createRefreshing(client, set) {
  let wanted = new Set();
  let running = null;
  let timer = 0;

  async function round() {
    const keys = [...wanted];
    wanted = new Set();
    await Promise.all(keys.map(async (key) => {
      try {
        set({ [key]: await client.command(QUESTIONS[key], {}) });
      } catch (error) {
        // Without a connection nothing is known anew; the next welcome asks again. Too many questions: a moment later.
        if (error.code === 'rate_limited' || error.code === 'busy') {
          wanted.add(key);
          await new Promise((resolve) => { timer = setTimeout(resolve, error.retryAfterMs || 500); });
        }
      }
    }));
    if (wanted.size) await round();
  }

  return {
    ask(keys) {
      for (const key of keys) if (key in QUESTIONS) wanted.add(key);
      running ??= new Promise((resolve) => { timer = setTimeout(resolve, REFRESH_AFTER_MS); })
        .then(round)
        .finally(() => { running = null; });
      return running;
    },
    stop: () => clearTimeout(timer),
  };
}
