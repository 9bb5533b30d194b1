import { createServer } from 'node:http';
import { products } from './catalogue.js';
import { quote } from './quote.js';

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function send(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

export const server = createServer(async (request, response) => {
  try {
    if (request.url === '/healthz') send(response, 200, { ok: true });
    else if (request.url === '/products') send(response, 200, products);
    else if (request.url === '/quote' && request.method === 'POST') send(response, 200, quote(await readJson(request)));
    else send(response, 404, { error: 'not found' });
  } catch (error) {
    send(response, error instanceof RangeError ? 422 : 400, { error: error.message });
  }
});

if (process.argv[1] === import.meta.filename) server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1');
