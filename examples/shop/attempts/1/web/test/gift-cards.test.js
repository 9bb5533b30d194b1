import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basket } from '../src/pages.js';
import { basketOf } from '../src/server.js';

test('the basket page shows what the gift card pays and what remains', () => {
  const page = basket({ totalCents: 2500, giftCardCents: 1000, toPayCents: 1500 });
  assert.match(page, /Gift card -\$10\.00/);
  assert.match(page, /To pay \$15\.00/);
});

test('a basket without a card shows no gift card', () => {
  assert.doesNotMatch(basket({ totalCents: 2500 }), /Gift card/);
});

test('the card is taken out of the query', () => {
  assert.deepEqual(basketOf(new URLSearchParams('mug=2&card=GIFT-10')), { items: [{ id: 'mug', quantity: 2 }], card: 'GIFT-10' });
});
