/** Worth of each gift card. */
const cards = { 'GIFT-10': 10, 'GIFT-25': 25 };

/** What a card pays of an amount. Throws RangeError for an unknown code. */
export function payWith(code, amountCents) {
  const value = cards[code];
  if (value === undefined) throw new RangeError(`unknown gift card "${code}"`);
  return Math.min(value, amountCents);
}
