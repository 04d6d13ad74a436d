// Every screen below those of the navigation, with all its tabs, at 1280 and 390 px: nothing fails, no error, nothing sticks out at the side.

import { fits } from '../../support/browser/accessible.mjs';
import { check, get, go, logIn, picture, run } from './lib/console.mjs';

await run(async ({ open }) => {
  for (const width of [1280, 390]) {
    const { context, page } = await open({ width });
    await logIn(page);
    for (const path of await details(page)) {
      await go(page, path);
      await look(page, `${path} at ${width}`, pictureName(path, width));
      const tabs = page.locator('main [role="tab"]');
      // The first one is open already.
      for (let index = 1; index < await tabs.count(); index += 1) {
        const tab = tabs.nth(index);
        await tab.click();
        const name = await tab.textContent();
        await look(page, `${path}, ${name} at ${width}`, pictureName(`${path} ${name}`, width));
      }
    }
    await context.close();
  }
});

async function details(page) {
  const first = async (path) => (await get(page, path)).body.items[0];
  const [player, mission, guild, channel, market] = [
    await first('/players?online=true&limit=1'), await first('/missions?limit=1'), await first('/guilds?limit=1'), await first('/chat?limit=1'), await first('/markets'),
  ];
  check(player && channel && market, 'there is no player, no channel or no market to look at');
  return [
    `/players/${player.id}`, `/markets/${market.hub}`, `/chat/${encodeURIComponent(channel.stream)}`, '/missions', '/leaderboards', '/reports',
    mission && `/missions/${encodeURIComponent(mission.mission)}`, guild && `/guilds/${guild.id}`,
  ].filter(Boolean);
}

async function look(page, what, shot) {
  await page.locator('main .state.loading').first().waitFor({ state: 'detached' });
  const failures = await page.locator('main .failure').allTextContents();
  check(failures.length === 0, `${what}: ${failures.join('; ')}`);
  await fits(page, what);
  await picture(page, shot);
}

function pictureName(path, width) {
  const words = path.replaceAll(/[0-9a-f-]{36}/g, 'one').split(/[^a-z]+/i).filter(Boolean);
  return `detail-${words.join('-')}-${width}`;
}
