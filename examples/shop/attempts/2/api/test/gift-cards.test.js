import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quote } from '../src/quote.js';

test('a gift card pays a part of the basket, in cents', () => {
  const answer = quote({ items: [{ id: 'mug', quantity: 2 }], card: 'GIFT-10' });
  assert.deepEqual(answer, { totalCents: 2500, giftCardCents: 1000, toPayCents: 1500 });
});

test('a gift card never pays more than the basket', () => {
  const answer = quote({ items: [{ id: 'pen', quantity: 1 }], card: 'GIFT-25' });
  assert.deepEqual(answer, { totalCents: 199, giftCardCents: 199, toPayCents: 0 });
});

test('an unknown gift card is refused', () => {
  assert.throws(() => quote({ items: [], card: 'GIFT-99' }), /unknown gift card "GIFT-99"/);
});
