/** Worth of each gift card, in cents. */
const cards = { 'GIFT-10': 1000, 'GIFT-25': 2500 };

/** What a card pays of an amount. Throws RangeError for an unknown code. */
export function payWith(code, amountCents) {
  const value = cards[code];
  if (value === undefined) throw new RangeError(`unknown gift card "${code}"`);
  return Math.min(value, amountCents);
}
