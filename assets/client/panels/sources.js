// Where goods can be had, with buttons that lead there: objects to collect, hubs that sell, blueprints that make, and the market.

import { button } from '../ui/dom.js';
import { route } from '../view/route.js';

/**
 * Pure: where an item comes from. `sector` is the nearest (by jumps) in which objects with it appear, or null; `hub` the key of a hub that sells it, one of
 * that sector first; `blueprint` what makes it.
 * @returns {{kinds: string[], sector: string | null, hub: string | null, blueprint: string | null}}
 */
export function sourcesOf(catalog, item, here) {
  const kinds = Object.values(catalog.objects).filter((object) => object.item === item).map(({ key }) => key);
  const jumps = (sector) => route(catalog.sectors, here, sector.key)?.length ?? Number.POSITIVE_INFINITY;
  const near = Object.values(catalog.sectors).map((sector) => ({ sector, jumps: jumps(sector) })).sort((a, b) => a.jumps - b.jumps || a.sector.number - b.sector.number).map(({ sector }) => sector);
  return {
    kinds,
    sector: near.find(({ spawns }) => (spawns ?? []).some(({ kind }) => kinds.includes(kind)))?.key ?? null,
    hub: near.flatMap(({ hubs }) => hubs).find(({ sells }) => sells?.[item] !== undefined)?.key ?? null,
    blueprint: Object.values(catalog.blueprints).find(({ output }) => output === item)?.key ?? null,
  };
}

export function sourceButtons(game, item) {
  const here = game.client.world?.key;
  const { kinds, sector, hub, blueprint } = sourcesOf(game.catalog, item, here);
  const name = game.name('item', item);
  const small = (label, run, key) => button(label, run, { class: 'button--small', 'data-key': `${key}-${item}` });
  const market = hub ?? game.state.hub ?? game.state.hubs[0]?.key;
  return [
    sector && small(sector === here ? `Collect ${name}` : `Collect in ${game.name('sector', sector)}`, () => {
      game.showPicture();
      if (sector === here) game.view.collectKind(kinds);
      else game.view.setOut(sector);
    }, 'collect'),
    hub && small(`Buy at ${game.name('hub', hub)}`, () => game.open('ship', { tab: 'hub', hub, item }), 'buy'),
    blueprint && small('Craft', () => game.open('crafting', { blueprint, hub: game.catalog.blueprints[blueprint].hubs[0] }), 'craft'),
    market && small('Market', () => game.open('market', { hub: market, item }), 'market'),
  ];
}
