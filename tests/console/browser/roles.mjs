// What a role may not do is not offered: a viewer is offered nothing to change, a moderator what moderators may, an admin everything.

import assert from 'node:assert/strict';
import { go, logIn, picture, run } from './lib/console.mjs';
import { comeIn } from './lib/game.mjs';

const MODERATOR = ['Mute…', 'Ban…', 'Kick…'];
const ADMIN = ['Grant…', 'Revoke…', 'Grant technology…', 'Revoke technology…', 'Move…', 'Rename…', ...MODERATOR, 'Export', 'Erase…'];
const SECRET = 'a rather long password 1';

await run(async ({ open }) => {
  const { page: admin } = await open();
  await logIn(admin);
  const player = await comeIn();
  await offers(admin, 'admin', ADMIN, { mission: 1, announce: 1, maintenance: 3 });
  for (const [role, actions, others] of [['moderator', MODERATOR, { mission: 0, announce: 1, maintenance: 0 }], ['viewer', [], { mission: 0, announce: 0, maintenance: 0 }]]) {
    const name = `${role}-${player.id.slice(-8)}`;
    await makeOperator(admin, name, role);
    const { context, page } = await open();
    await logIn(page, { as: name, with: SECRET });
    await offers(page, role, actions, others);
    await context.close();
  }
  await player.leave();

  async function offers(page, role, actions, { mission, announce, maintenance }) {
    await go(page, `/players/${player.id}`, player.name);
    await page.getByRole('tab', { name: 'Overview' }).waitFor();
    assert.deepEqual(await page.locator('main .actions button').allTextContents(), actions, role);
    await picture(page, `player-${role}`);
    await go(page, '/missions', 'Missions');
    await page.getByRole('tab', { name: 'Running' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Begin a mission…' }).count(), mission, role);
    await go(page, '/announcements', 'Announcements');
    assert.equal(await page.getByRole('button', { name: 'Announce…' }).count(), announce, role);
    await go(page, '/maintenance', 'Maintenance');
    await page.locator('[data-mode="off"]').waitFor();
    assert.equal(await page.locator('main .actions button').count(), maintenance, role);
  }
});

async function makeOperator(page, name, role) {
  const status = await page.evaluate(async (operator) => {
    const { csrf } = await (await fetch('console/api/v1/session')).json();
    const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
    return (await fetch('console/api/v1/operators', { method: 'POST', headers, body: JSON.stringify(operator) })).status;
  }, { name, role, password: SECRET, reason: 'For a test' });
  assert.ok(status < 300, `making ${name}: ${status}`);
}
