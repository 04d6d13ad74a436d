// What players do with each other, in the page's own words, and what each of them owns.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { ask, menu, panel, told, until } from './page.mjs';
import { HUB } from './play.mjs';

const LOOK_MS = 50;

/** Does something that somebody is told of at once: who is told looks from before it is done, since notices go by. */
export const whileTold = (page, text, act) => Promise.all([told(page, text), act()]);

/** Presses the button of a notice: it shows what the notice is about. */
export const showNotice = (page, text) => page.getByRole('region', { name: 'Notices' }).getByRole('status').filter({ hasText: text }).getByRole('button', { name: 'Show' }).click();

/** Says yes, or what stands for it, to a question. */
export const answer = (page, question, yes) => page.getByRole('dialog', { name: question }).getByRole('button', { name: yes, exact: true }).click();

/** Opens a channel of the chat. */
export async function channel(page, name) {
  const chat = await panel(page, 'Chat');
  await chat.getByRole('tab', { name }).click();
  return chat;
}

/** Says something in the channel that is open. */
export async function say(page, text) {
  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill(text);
  await message.press('Enter');
}

/** Waits until something was said in the channel that is open. */
export const hear = (page, text) => page.getByRole('log', { name: 'Lines' }).getByText(text, { exact: true }).waitFor();

/** The card of a player whose name is in the panel that is open. */
export async function card(page, section, name) {
  await section.getByRole('button', { name, exact: true }).first().click();
  return page.getByRole('dialog', { name, exact: true });
}

export async function logOut(page) {
  await menu(page, 'Log out');
  await answer(page, 'Log out?', 'Log out');
  await page.getByRole('tab', { name: 'Log in' }).waitFor();
}

const quantity = (goods, item) => goods.find((entry) => entry.item === item)?.quantity ?? 0;
const property = (item, status, storage) => ({
  credits: status.credits, hold: quantity(status.cargo, item), stored: quantity(storage.items.filter(({ hub }) => hub === HUB.key), item),
});

/** What somebody owns: credits, and pieces of an item in the hold and at the hub. `question(type)` asks the server. */
export const owned = async (question, item) => property(item, await question('status'), await question('storage'));

/** Waits until somebody owns this, no more and no less. */
export async function owns(look, expected, when, everyMs) {
  await until(when, async () => isDeepStrictEqual(await look(), expected), everyMs).catch(async (late) => {
    assert.deepEqual(await look(), expected, when);
    throw late;
  });
}

/** Waits until a player's page knows that this is owned; then the server says so, too. */
export async function ownsOnPage(page, item, expected, when) {
  const known = async () => {
    const { status, storage } = await page.evaluate(() => globalThis.orrery.game.state);
    return status && storage && property(item, status, storage);
  };
  await owns(known, expected, `${when}, on the page`, LOOK_MS);
  assert.deepEqual(await owned((type) => ask(page, type), item), expected, when);
}

/** Waits until the bell tells of so many unread notifications. */
export const bell = (page, unread) => page.getByRole('banner').getByRole('button', { name: unread > 0 ? `Notifications, ${unread} unread` : 'Notifications', exact: true }).waitFor();

/** Opens the notifications, which reads them; the texts of all, newest first. */
export async function readNotifications(page) {
  const { unread } = await ask(page, 'notifications');
  assert.ok(unread > 0, 'something is new');
  await bell(page, unread);
  const list = await panel(page, 'Notifications');
  await until('as many are marked as new', async () => (await list.getByRole('listitem').filter({ hasText: 'New: ' }).count()) === unread);
  await bell(page, 0);
  assert.equal((await ask(page, 'notifications')).unread, 0);
  return list.getByRole('listitem').allTextContents();
}
