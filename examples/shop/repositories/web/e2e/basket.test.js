import assert from 'node:assert/strict';
import { test } from 'node:test';

const { API_URL, WEB_URL } = process.env;

test('the catalogue shows what the service sells', async () => {
  const products = await (await fetch(`${API_URL}/products`)).json();
  const page = await (await fetch(WEB_URL)).text();
  for (const { name } of products) assert.ok(page.includes(name));
});

test('the basket shows the total of the service', async () => {
  const page = await (await fetch(`${WEB_URL}/basket?mug=2&pen=1`)).text();
  assert.match(page, /Total \$26\.99/);
});

test('an unknown product is explained', async () => {
  const response = await fetch(`${WEB_URL}/basket?car=1`);
  assert.equal(response.status, 422);
  assert.match(await response.text(), /unknown product "car"/);
});
