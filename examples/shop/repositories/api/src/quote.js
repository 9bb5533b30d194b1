import { productById } from './catalogue.js';

/** Prices a basket. Throws RangeError for an unknown product or a quantity that is not a whole number from 1 on. */
export function quote({ items }) {
  let totalCents = 0;
  for (const { id, quantity } of items) {
    const product = productById(id);
    if (product === undefined) throw new RangeError(`unknown product "${id}"`);
    if (!Number.isInteger(quantity) || quantity < 1) throw new RangeError(`quantity of "${id}" has to be 1 or more`);
    totalCents += product.cents * quantity;
  }
  return { totalCents };
}
