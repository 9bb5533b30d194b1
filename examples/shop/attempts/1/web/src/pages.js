import { formatCents } from './money.js';

function page(title, body) {
  return `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;
}

export function catalogue(products) {
  return page('Shop', `<ul>${products.map(({ name, cents }) => `<li>${name} ${formatCents(cents)}</li>`).join('')}</ul>`);
}

export function basket({ totalCents, giftCardCents, toPayCents }) {
  const gift = giftCardCents === undefined ? '' : `<p id="gift-card">Gift card ${formatCents(-giftCardCents)}</p><p id="to-pay">To pay ${formatCents(toPayCents)}</p>`;
  return page('Basket', `<p id="total">Total ${formatCents(totalCents)}</p>${gift}`);
}

export function problem(message) {
  return page('Sorry', `<p id="problem">${message.replaceAll('<', '&lt;')}</p>`);
}
