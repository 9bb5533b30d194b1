import assert from 'node:assert/strict';
import { test } from 'node:test';

const { WEB_URL } = process.env;

async function basket(query) {
  const response = await fetch(`${WEB_URL}/basket?${query}`);
  return { status: response.status, text: await response.text() };
}

test('a gift card pays its value', async () => {
  const { text } = await basket('mug=2&card=GIFT-10');
  assert.match(text, /Total \$25\.00/);
  assert.match(text, /Gift card -\$10\.00/);
  assert.match(text, /To pay \$15\.00/);
});

test('a gift card that is worth more than the basket pays the basket', async () => {
  const { text } = await basket('pen=1&card=GIFT-25');
  assert.match(text, /Gift card -\$1\.99/);
  assert.match(text, /To pay \$0\.00/);
});

test('an unknown gift card is explained', async () => {
  const { status, text } = await basket('pen=1&card=GIFT-99');
  assert.equal(status, 422);
  assert.match(text, /unknown gift card "GIFT-99"/);
});

test('a basket without a card looks as before', async () => {
  const { text } = await basket('pen=1');
  assert.match(text, /Total \$1\.99/);
  assert.doesNotMatch(text, /Gift card/);
});
