import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quote } from '../src/quote.js';

test('a gift card pays a part of the basket', () => {
  const { totalCents, giftCardCents, toPayCents } = quote({ items: [{ id: 'mug', quantity: 2 }], card: 'GIFT-10' });
  assert.equal(totalCents, 2500);
  assert.equal(giftCardCents, 10);
  assert.equal(toPayCents, totalCents - giftCardCents);
});

test('an unknown gift card is refused', () => {
  assert.throws(() => quote({ items: [], card: 'GIFT-99' }), /unknown gift card "GIFT-99"/);
});
