import { createServer } from 'node:http';
import { basket, catalogue, problem } from './pages.js';

const api = process.env.API_URL ?? 'http://127.0.0.1:3000';

function html(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(text);
}

/** Query parameters as a basket: `card` is a gift card, every other parameter a product with its quantity. */
export function basketOf(query) {
  const card = query.get('card') ?? undefined;
  const items = [...query].filter(([id]) => id !== 'card').map(([id, quantity]) => ({ id, quantity: Number(quantity) }));
  return card === undefined ? { items } : { items, card };
}

async function quote(order) {
  const answer = await fetch(`${api}/quote`, { method: 'POST', body: JSON.stringify(order) });
  return { status: answer.status, value: await answer.json() };
}

export const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://web');
  if (url.pathname === '/healthz') html(response, 200, 'ok');
  else if (url.pathname === '/') html(response, 200, catalogue(await (await fetch(`${api}/products`)).json()));
  else if (url.pathname === '/basket') {
    const { status, value } = await quote(basketOf(url.searchParams));
    if (status === 200) html(response, 200, basket(value));
    else html(response, status, problem(value.error));
  } else html(response, 404, problem('There is no such page.'));
});

if (process.argv[1] === import.meta.filename) server.listen(Number(process.env.PORT ?? 3001), process.env.HOST ?? '127.0.0.1');
