// The panels of the economy, in the order of the rail.

import auctions from './auctions.js';
import contracts from './contracts.js';
import crafting from './crafting.js';
import market from './market.js';
import offers from './offers.js';
import research from './research.js';
import ship from './ship.js';

export const economy = [ship, market, auctions, contracts, crafting, research, offers];
