// Fees, taxes and refunds as the server works them out, and the forms' reasons. The numbers are those of the server's own tests and of PROTOCOL.md.

import assert from 'node:assert/strict';
import test from 'node:test';

import * as rules from '../../../assets/client/panels/economy/rules.js';

const economy = {
  market: { listing_fee_permille: 5, sale_tax_permille: 20 },
  hub_tax: [{ above: 10_000, permille: 50 }, { above: 50_000, permille: 150 }],
  craft: { refund_permille: 500 },
};

test('fees are rounded up, taxes down, and neither is more than the value', () => {
  assert.equal(rules.listingFee(economy, 80), 1);
  assert.equal(rules.listingFee(economy, 200), 1);
  assert.equal(rules.listingFee(economy, 201), 2);
  assert.equal(rules.listingFee(economy, 0), 0);
  assert.equal(rules.saleTax(economy, 60), 1);
  assert.equal(rules.saleTax(economy, 49), 0);
  assert.equal(rules.saleTax({ market: { sale_tax_permille: 5000 } }, 10), 10);
});

test('the largest amounts keep every credit', () => {
  const most = rules.AMOUNT_MAX;
  assert.equal(rules.listingFee(economy, most), Number((BigInt(most) * 5n + 999n) / 1000n));
  assert.equal(rules.saleTax(economy, most), Number((BigInt(most) * 20n) / 1000n));
  assert.equal(rules.product(most, 1), most);
  assert.equal(rules.product(most, 2), null);
  assert.equal(rules.sum(most, 1), null);
});

test('a hub’s payment is taxed by the brackets that it comes to lie in', () => {
  assert.equal(rules.hubTax(economy, 0, 10_000), 0);
  assert.equal(rules.hubTax(economy, 9_100, 1_000), 5);
  assert.equal(rules.hubTax(economy, 10_000, 40_001), (40_000 * 50) / 1000);
  assert.equal(rules.hubTax(economy, 60_000, 400), 60);
  assert.equal(rules.hubTax({}, 60_000, 400), 0);
});

test('a cancelled research brings back what belongs to the time left, rounded down', () => {
  const research = { cost: 50, startedMs: 1_000, dueMs: 21_000 };
  assert.equal(rules.researchRefund(research, 1_000), 50);
  assert.equal(rules.researchRefund(research, 11_001), 24);
  assert.equal(rules.researchRefund(research, 30_000), 0);
});

test('a job that has not begun comes back whole, one that has by its share', () => {
  const blueprint = { inputs: { ore: 3, coal: 1 }, fee: 5 };
  const job = { runs: 1, starts_ms: 100 };
  assert.deepEqual(rules.craftRefund(economy, blueprint, job, 99), { goods: [{ item: 'ore', quantity: 3 }, { item: 'coal', quantity: 1 }], credits: 5 });
  assert.deepEqual(rules.craftRefund(economy, blueprint, job, 100), { goods: [{ item: 'ore', quantity: 1 }], credits: 2 });
});

test('half of the old ship’s price is taken off, and never is money given back', () => {
  const ships = { sloop: { price: 0 }, hauler: { price: 4001 }, courier: { price: 1000 } };
  assert.equal(rules.shipPrice(ships, 'sloop', 'hauler'), 4001);
  assert.equal(rules.shipPrice(ships, 'courier', 'hauler'), 3501);
  assert.equal(rules.shipPrice(ships, 'hauler', 'courier'), 0);
});

test('what the server would refuse is refused with a reason, and nothing else is', () => {
  assert.equal(rules.amountProblem(1), null);
  assert.match(rules.amountProblem(null), /whole number/);
  assert.match(rules.amountProblem(0), /At least 1/);
  assert.match(rules.amountProblem(2 ** 53), /not that large/);
  assert.match(rules.amountProblem(101, { most: 100 }), /At most 100/);
  assert.equal(rules.creditsProblem(200, 200), null);
  assert.match(rules.creditsProblem(201, 200), /You have 200 cr, and this takes 201 cr/);
  assert.match(rules.creditsProblem(null, 200), /more than any wallet/);
  assert.equal(rules.goodsProblem(3, 3, 'Ice'), null);
  assert.match(rules.goodsProblem(3, 2, 'Ice', 'in the hold'), /You have 2 Ice in the hold/);
  const bounds = { seconds_min: 60, seconds_max: 604_800 };
  assert.equal(rules.secondsProblem(60, bounds), null);
  assert.match(rules.secondsProblem(59, bounds), /1 minute at least/);
  assert.match(rules.secondsProblem(604_801, bounds), /7 days at most/);
});
