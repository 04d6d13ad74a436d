// Every screen of the console. To add one: a file here that exports by default
//
//   {title: 'Players', path: '/players', role: 'viewer', group: 'Players', keys: 'g p', mount(root, params, ctx) → unmount function or nothing}
//
// (or a list of such), imported and listed below. `path` may have parts like '/players/:id' → params.id. Screens without `group` are not in the
// navigation; `keys` is the shortcut. `role` is the least role that may see it.
//
// mount fills `root` (an empty <div>; the page's heading is set from `title`) and must not throw: show lib/dom.js loading(), failure(), empty(). ctx:
//   ctx.signal           aborted when the screen is left: give it to every request
//   ctx.poll({every, load, onData, onError})   lib/api.js poll with that signal
//   ctx.can('admin')     what the operator may do      ctx.operator {id, name, role}
//   ctx.query            URLSearchParams of the address (#/players?text=ada); ctx.setQuery({text}) rewrites it without leaving the screen
//   ctx.setTitle(text)   e.g. the player's name        ctx.go('/players/…') goes to another screen
//   ctx.actions(...nodes) buttons beside the heading   ctx.shortcut({keys, label, run}) lives as long as the screen
//   ctx.reload()         mounts this screen anew

import overview from './overview.js';
import galaxy from './galaxy.js';
import actors from './actors.js';
import players from './players.js';
import player from './player.js';
import reports from './reports.js';
import chat from './chat.js';
import missions from './missions.js';
import mission from './mission.js';
import markets from './markets.js';
import market from './market.js';
import guilds from './guilds.js';
import leaderboards from './leaderboards.js';
import health from './health.js';
import store from './store.js';
import config from './config.js';
import content from './content.js';
import logs from './logs.js';
import audit from './audit.js';
import announcements from './announcements.js';
import maintenance from './maintenance.js';
import operators from './operators.js';
import account from './account.js';

// The navigation has its groups and, within a group, its screens in this order.
export const screens = [
  overview,
  galaxy,
  actors,
  players,
  player,
  reports,
  chat,
  missions,
  mission,
  markets,
  market,
  guilds,
  leaderboards,
  health,
  store,
  config,
  content,
  logs,
  audit,
  announcements,
  maintenance,
  operators,
  account,
].flat();
