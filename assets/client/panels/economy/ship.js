// The player's ship: what is in the hold and in storages, what the hub buys, sells and builds, other ships, and what was done so far.

import { holdTab } from './hold.js';
import { hubTab } from './hub_trade.js';
import { openScope } from './scope.js';
import { recordTab } from './record.js';
import { shipsTab } from './shipyard.js';
import { storageTab } from './storage.js';
import { fill, tabs } from '../../ui/dom.js';

const TABS = [['hold', 'Hold', holdTab], ['storage', 'Storage', storageTab], ['hub', 'Hub', hubTab], ['ships', 'Ships', shipsTab], ['record', 'Record', recordTab]];

export default {
  key: 'ship', title: 'Ship and hold', group: 'economy', shortcut: '1',
  mount(root, game, params = {}) {
    let scope = null;
    let given = params;
    const bar = tabs('Ship', TABS.map(([key, label]) => [key, label]), params.tab ?? 'hold', show);
    fill(root, bar.element, bar.body);

    function show(key) {
      scope?.close();
      scope = openScope(game, bar.body);
      fill(bar.body);
      TABS.find(([other]) => other === key)[2](bar.body, game, scope, given, (tab, next = {}) => { given = next; bar.select(tab); });
      given = {};
    }
    return () => scope?.close();
  },
};
