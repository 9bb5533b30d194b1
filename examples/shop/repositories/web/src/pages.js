import { formatCents } from './money.js';

function page(title, body) {
  return `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;
}

export function catalogue(products) {
  return page('Shop', `<ul>${products.map(({ name, cents }) => `<li>${name} ${formatCents(cents)}</li>`).join('')}</ul>`);
}

export function basket({ totalCents }) {
  return page('Basket', `<p id="total">Total ${formatCents(totalCents)}</p>`);
}

export function problem(message) {
  return page('Sorry', `<p id="problem">${message.replaceAll('<', '&lt;')}</p>`);
}
