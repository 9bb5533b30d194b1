import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCents } from '../src/money.js';
import { basket, problem } from '../src/pages.js';
import { basketOf } from '../src/server.js';

test('cents are written as dollars', () => {
  assert.deepEqual([0, 5, 199, 1250, -250].map(formatCents), ['$0.00', '$0.05', '$1.99', '$12.50', '-$2.50']);
});

test('the basket page shows the total', () => {
  assert.match(basket({ totalCents: 2699 }), /Total \$26\.99/);
});

test('the query becomes a basket', () => {
  assert.deepEqual(basketOf(new URLSearchParams('mug=2')), { items: [{ id: 'mug', quantity: 2 }] });
});

test('a problem is shown as text', () => {
  assert.match(problem('<b>'), /&lt;b>/);
});
