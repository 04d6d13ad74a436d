// What players do with each other, between a large page, a small one and a third player: friends, auctions, contracts, a guild, chat, notifications. After each
// step everybody owns what the rules say, to the last credit and piece, on the page and on the server.

import assert from 'node:assert/strict';
import { ask, closePanel, logIn, panel, picture, run, signUp, told } from './lib/page.mjs';
import { HUB, collect, deal } from './lib/play.mjs';
import { gather, playWithoutPage } from './lib/bot.mjs';
import { answer, card, channel, hear, logOut, owned, owns, ownsOnPage, readNotifications, say, showNotice, whileTold } from './lib/people.mjs';

const ICE = 'Water ice';
const GUILD = 'Ice Choir';
const FOUNDING_FEE = 50;
/** The shortest auction in the tests' content. */
const SHORT_SECONDS = 20;
const feeOf = (value) => Math.ceil((value * 5) / 1000);
const afterTax = (value) => value - Math.floor((value * 20) / 1000);

await run(async ({ open }) => {
  const [{ page: ada }, { page: bob }, cleo] = [await open({ width: 1280 }), await open({ width: 390 }), await playWithoutPage('Cleo')];
  await signUp(ada, 'Ada');
  await signUp(bob, 'Bob');
  await collect(ada, 'ice', 9);
  await collect(bob, 'ice', 3);
  await gather(cleo, 3);
  const cleos = () => owned((type) => cleo.command(type, {}), 'ice');
  const books = { ada: await owned((type) => ask(ada, type), 'ice'), bob: await owned((type) => ask(bob, type), 'ice'), cleo: await cleos() };
  /** Books what everybody gets or gives by a step, and holds it against what they own. */
  const booked = async (when, changes) => {
    for (const [who, change] of Object.entries(changes)) for (const [what, amount] of Object.entries(change)) books[who][what] += amount;
    await ownsOnPage(ada, 'ice', books.ada, `Ada: ${when}`);
    await ownsOnPage(bob, 'ice', books.bob, `Bob: ${when}`);
    await owns(cleos, books.cleo, `Cleo: ${when}`);
  };

  await befriend();
  await auctions();
  await contracts();
  await guild();

  // The end of an auction is waited for with what costs nothing.
  await cleo.command('auction', { hub: HUB.key, item: 'ice', quantity: 3, start: 60, increment: 1, seconds: SHORT_SECONDS });
  await bid(bob, '3 Water ice', 60);
  await booked('an auction with a bid', { cleo: { credits: -feeOf(60), hold: -3 }, bob: { credits: -60 } });
  await talk();
  await dislike();
  await booked('the auction is over', { cleo: { credits: afterTax(60) }, bob: { stored: 3 } });
  await notifications();
  await cleo.leave();

  async function befriend() {
    await channel(ada, 'Sector');
    await channel(bob, 'Sector');
    await say(ada, 'Anybody here?');
    await hear(bob, 'Anybody here?');
    await say(bob, 'Here I am.');
    await hear(ada, 'Here I am.');
    const adas = await card(bob, await panel(bob, 'Chat'), 'Ada');
    await picture(bob, 'together-card');
    await whileTold(ada, 'Bob wants to be your friend.', () => adas.getByRole('button', { name: 'Befriend' }).click());
    await showNotice(ada, 'Bob wants to be your friend.');
    const friends = await panel(ada, 'Friends');
    await whileTold(bob, 'Ada is your friend now.', () => friends.getByRole('button', { name: 'Accept Bob' }).click());
    const seen = (state) => friends.getByRole('listitem').filter({ hasText: 'Bob' }).getByText(state, { exact: true }).waitFor();
    await seen('online');
    await logOut(bob);
    await seen('away');
    await logIn(bob, 'Bob');
    await seen('online');
    await picture(ada, 'together-friends');
  }

  async function auctions() {
    await beginAuction(ada, { Pieces: 2, 'Least first bid': 10, 'A bid must exceed': 5, 'Buy out': 100 });
    await booked('an auction begins', { ada: { credits: -feeOf(10), hold: -2 } });
    await bid(bob, '2 Water ice', 10);
    await booked('a bid is set aside', { bob: { credits: -10 } });
    const { auction } = (await ask(ada, 'my_offers', { hub: HUB.key })).auctions.find(({ quantity }) => quantity === 2);
    await whileTold(bob, /^Somebody bid 15 cr/, () => cleo.command('bid', { hub: HUB.key, auction, amount: 15 }));
    await (await panel(ada, 'Auctions')).getByText(/^15 cr by/).waitFor();
    await booked('who is outbid has the bid back', { bob: { credits: 10 }, cleo: { credits: -15 } });
    await deal(await panel(bob, 'Auctions'), 'Bid', { 'Your bid': 25 }, 'Bid');
    await told(bob, /^Your bid of 25 cr leads/);
    await booked('a higher bid', { bob: { credits: -25 }, cleo: { credits: 15 } });
    await picture(bob, 'together-auction');
    await whileTold(ada, /^Your auction .* brought 98 cr/, async () => {
      await (await panel(bob, 'Auctions')).getByRole('button', { name: 'Buy out for 100 cr' }).click();
      await answer(bob, 'Buy it out?', 'Buy out');
    });
    await booked('it is bought out', { bob: { credits: 25 - 100, stored: 2 }, ada: { credits: afterTax(100) } });

    const section = await beginAuction(ada, { Pieces: 1, 'Least first bid': 10 });
    await booked('another auction', { ada: { credits: -feeOf(10), hold: -1 } });
    await section.getByRole('button', { name: 'Take the auction back' }).click();
    await booked('it is taken back, but for the fee', { ada: { stored: 1 } });
  }

  async function contracts() {
    const section = await panel(ada, 'Contracts');
    await section.getByRole('button', { name: 'Offer a contract' }).click();
    await choose(section, 'Offer a contract', 'Goods to bring');
    await deal(section, 'Offer a contract', { Pieces: 4, Reward: 40, Collateral: 5 }, 'Offer the contract');
    await told(ada, /^The contract is on offer/);
    await booked('the reward and the fee are set aside', { ada: { credits: -40 - feeOf(40) } });
    const courier = await panel(bob, 'Contracts');
    await courier.getByRole('tab', { name: /^To accept/ }).click();
    // The hub offers some, too.
    await courier.getByRole('row').filter({ has: bob.getByRole('cell', { name: '40', exact: true }) }).getByRole('button', { name: '4 Water ice' }).click();
    await whileTold(ada, /^Somebody has accepted your contract/, () => courier.getByRole('button', { name: 'Accept the contract' }).click());
    await section.getByRole('button', { name: 'Bob', exact: true }).waitFor();
    await booked('the collateral is at stake', { bob: { credits: -5 } });
    await deal(courier, 'Deliver', { Pieces: 1 }, 'Deliver');
    await told(bob, /^1 of 4 delivered/);
    await booked('a part, from the storage first', { bob: { stored: -1 } });
    await picture(bob, 'together-contract');
    await whileTold(ada, /^Your contract .* is fulfilled: 4 Water ice/, async () => {
      await deal(courier, 'Deliver', { Pieces: 3 }, 'Deliver');
      await told(bob, /^Fulfilled: 45 cr/);
    });
    await booked('the rest', { bob: { credits: 45, stored: -1, hold: -2 }, ada: { stored: 4 } });
  }

  async function guild() {
    let leading = await panel(ada, 'Guild');
    await leading.getByLabel('Name of the guild').fill(GUILD);
    await leading.getByRole('button', { name: /^Found it/ }).click();
    await told(ada, `You have founded ${GUILD}.`);
    await transfer(ada, 'Pay in', 60, 'Paid 60 cr in.');
    await booked('the guild is founded and has a treasury', { ada: { credits: -FOUNDING_FEE - 60 } });
    await leading.getByText('Limits', { exact: true }).click();
    await leading.getByLabel('Members may take out a day').fill('10');
    await leading.getByRole('button', { name: 'Set the limit of members' }).click();
    await told(ada, /^Members may take out 10 cr a day/);
    await leading.getByLabel('Name or player id').fill('Bob');
    await whileTold(bob, `The guild ${GUILD} invites you.`, () => leading.getByRole('button', { name: 'Invite', exact: true }).click());
    await showNotice(bob, `The guild ${GUILD} invites you.`);
    const member = await panel(bob, 'Guild');
    await member.getByRole('button', { name: `Accept the invitation of ${GUILD}` }).click();
    await member.getByText('60 cr', { exact: true }).waitFor();
    await transfer(bob, 'Take out', 20, /10 is the most/);
    await booked('a member takes out no more than is allowed', {});
    await transfer(bob, 'Take out', 10, 'Took 10 cr out.');
    await booked('but that', { bob: { credits: 10 } });

    await closePanel(ada);
    leading = await panel(ada, 'Guild');
    await whileTold(bob, 'You are an officer of your guild now.', () => leading.getByRole('button', { name: 'Promote Bob' }).click());
    await member.getByRole('button', { name: 'Change the message' }).waitFor();
    await transfer(bob, 'Take out', 20, 'Took 20 cr out.');
    await transfer(bob, 'Pay in', 5, 'Paid 5 cr in.');
    await member.getByText('35 cr', { exact: true }).waitFor();
    await booked('an officer more', { bob: { credits: 20 - 5 } });
    await picture(ada, 'together-guild');
    await picture(bob, 'together-guild-small');

    await member.getByRole('button', { name: 'Guild chat' }).click();
    await channel(ada, 'Guild');
    await say(bob, 'For the choir only.');
    await hear(ada, 'For the choir only.');
    await say(ada, 'Meet at Luna.');
    await hear(bob, 'Meet at Luna.');
    leading = await panel(ada, 'Guild');
    await whileTold(bob, `You are not in the guild ${GUILD} any more.`, async () => {
      await leading.getByRole('button', { name: 'Disband the guild' }).click();
      await answer(ada, `Disband ${GUILD}?`, 'Disband');
    });
    await booked('the treasury comes back', { ada: { credits: 60 - 10 - 20 + 5 } });
  }

  async function talk() {
    await (await panel(ada, 'Friends')).getByRole('button', { name: 'Message Bob' }).click();
    await say(ada, 'Between you and me.');
    const chat = await channel(bob, /^Direct/);
    await chat.getByRole('button', { name: /^Ada/ }).click();
    await hear(bob, 'Between you and me.');
    await say(bob, 'Of course.');
    await hear(ada, 'Of course.');
    await picture(bob, 'together-direct');
  }

  /** Bob wants to hear nothing of Ada for a while: what she says meanwhile does not come, what others say does. */
  async function dislike() {
    await channel(ada, 'Sector');
    const chat = await channel(bob, 'Sector');
    await (await card(bob, chat, 'Ada')).getByRole('button', { name: 'Mute' }).click();
    await told(bob, 'You do not hear Ada in chat any more.');
    await say(ada, 'Not for Bob.');
    await hear(ada, 'Not for Bob.');
    await cleo.command('say', { channel: 'sector', text: 'For all.' });
    await hear(bob, 'For all.');
    assert.equal(await bob.getByText('Not for Bob.').count(), 0, 'who is muted is not heard');
    await (await panel(bob, 'Friends')).getByRole('button', { name: 'Unmute Ada' }).click();
    await told(bob, 'You hear Ada again.');
    await channel(bob, 'Sector');
    await say(ada, 'For Bob, too.');
    await hear(bob, 'For Bob, too.');

    await (await card(bob, chat, 'Ada')).getByRole('button', { name: 'Block' }).click();
    await answer(bob, 'Block Ada?', 'Block');
    await told(bob, 'You have blocked Ada.');
    await (await panel(ada, 'Friends')).getByText(/^No friends yet/).waitFor();
    const direct = await card(ada, await channel(ada, 'Sector'), 'Bob');
    await direct.getByRole('button', { name: 'Message' }).click();
    await say(ada, 'Please?');
    await told(ada, /cannot be reached/);
    assert.equal(await ada.getByRole('textbox', { name: 'Message' }).inputValue(), 'Please?', 'what was refused is not lost');
    await (await panel(bob, 'Friends')).getByRole('button', { name: 'Unblock Ada' }).click();
    await told(bob, 'Ada can reach you again.');
    await ada.getByRole('textbox', { name: 'Message' }).press('Enter');
    await hear(ada, 'Please?');
    await (await channel(bob, /^Direct/)).getByRole('button', { name: /^Ada/ }).click();
    await hear(bob, 'Please?');
  }

  /** Each was told of what others did, once; what one does oneself is an answer. */
  async function notifications() {
    const expected = [
      [ada, [/is fulfilled: 4 Water ice/, /accepted your contract/, /Your auction \d+ at .* brought 98 cr/, /Bob wants to be your friend/]],
      [bob, [/Auction won: 3 Water ice at .* for 60 cr/, /not in the guild Ice Choir/, /an officer/, /The guild Ice Choir invites you/, /Somebody bid 15 cr/, /Ada is your friend now/]],
    ];
    for (const [page, kinds] of expected) {
      const texts = await readNotifications(page);
      assert.ok(texts.length === kinds.length && kinds.every((kind, index) => kind.test(texts[index])), `${JSON.stringify(texts)} are not ${kinds}`);
    }
    await picture(ada, 'together-notifications');
    await picture(bob, 'together-notifications-small');
  }
});

/** Chooses ice in a form. */
async function choose(section, form, label) {
  await section.getByRole('form', { name: form }).getByLabel(label).selectOption({ label: ICE });
}

/** Begins an auction of ice; the panel shows it then. */
async function beginAuction(page, fields) {
  const section = await panel(page, 'Auctions');
  const back = section.getByRole('button', { name: 'Back to all auctions' });
  if (await back.isVisible()) await back.click();
  await section.getByRole('button', { name: 'Sell by auction' }).click();
  await choose(section, 'Sell by auction', 'Goods');
  await deal(section, 'Sell by auction', fields, 'Begin the auction');
  await told(page, /^The auction runs/);
  return section;
}

/** Opens an auction and bids. */
async function bid(page, goods, credits) {
  const section = await panel(page, 'Auctions');
  await section.getByRole('button', { name: goods, exact: true }).click();
  await deal(section, 'Bid', { 'Your bid': credits }, 'Bid');
  await told(page, new RegExp(`^Your bid of ${credits} cr leads`));
}

/** Pays credits into the guild's treasury or takes them out, and waits for what it says to that. */
async function transfer(page, label, credits, says) {
  const section = await panel(page, 'Guild');
  await section.getByLabel(`${label}, credits`).fill(String(credits));
  await section.getByRole('button', { name: label, exact: true }).click();
  await told(page, says);
}
