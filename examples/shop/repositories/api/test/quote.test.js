import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quote } from '../src/quote.js';

test('a basket costs the sum of its items', () => {
  assert.deepEqual(quote({ items: [{ id: 'mug', quantity: 2 }, { id: 'pen', quantity: 1 }] }), { totalCents: 2699 });
});

test('an empty basket costs nothing', () => {
  assert.deepEqual(quote({ items: [] }), { totalCents: 0 });
});

test('an unknown product is refused', () => {
  assert.throws(() => quote({ items: [{ id: 'car', quantity: 1 }] }), /unknown product "car"/);
});

test('a quantity below one is refused', () => {
  assert.throws(() => quote({ items: [{ id: 'pen', quantity: 0 }] }), /quantity of "pen"/);
});
