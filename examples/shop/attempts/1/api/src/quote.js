import { productById } from './catalogue.js';
import { payWith } from './gift-cards.js';

/** Prices a basket, less what a gift card pays. Throws RangeError for an unknown product or card, or a quantity that is not a whole number from 1 on. */
export function quote({ items, card }) {
  let totalCents = 0;
  for (const { id, quantity } of items) {
    const product = productById(id);
    if (product === undefined) throw new RangeError(`unknown product "${id}"`);
    if (!Number.isInteger(quantity) || quantity < 1) throw new RangeError(`quantity of "${id}" has to be 1 or more`);
    totalCents += product.cents * quantity;
  }
  if (card === undefined) return { totalCents };
  const giftCardCents = payWith(card, totalCents);
  return { totalCents, giftCardCents, toPayCents: totalCents - giftCardCents };
}
