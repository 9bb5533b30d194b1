import { expect, test } from '@jest/globals';
import { ownFile, readConfiguration } from '../../../../activities/environments/compose/own.ts';
import { resourceName } from '../../../../activities/environments/variables.ts';

const PROJECT = resourceName('shop/$1');
const REQUEST = {
  ...{ name: 'shop/$1', owner: 'run', directories: {}, services: [], healthSeconds: 1 },
  commits: { api: 'a'.repeat(40) },
};
const LABELS = {
  'dev.spec-to-pr.environment': PROJECT,
  'dev.spec-to-pr.name': 'shop/$$1',
  'dev.spec-to-pr.owner': 'run',
  'dev.spec-to-pr.commits': JSON.stringify(REQUEST.commits),
};

function ownOf(text: string): unknown {
  const read = readConfiguration(text);
  return read === undefined ? undefined : JSON.parse(ownFile(REQUEST, read));
}

test('names that a file fixes become names of the environment, and the old ones still lead there', () => {
  const text = `
services:
  db: { image: 'postgres:17', container_name: shop-db, networks: { back: null, front: { priority: 1 } } }
  host: { image: 'postgres:17', container_name: shop-host, network_mode: host }
  api: { build: { context: /api }, image: 'registry:5000/shop/api' }
  web: { build: { context: /web }, image: 'registry:5000/shop/web:dev' }
  worker: { image: 'registry:5000/shop/api' }
  plain: { build: { context: /plain } }
networks: { back: { name: shop-back }, front: { name: ${PROJECT}_front }, outside: { name: company, external: true } }
volumes: { data: { name: shop-data }, unnamed: null, shared: { name: shared, external: true } }
`;
  const labels = LABELS;
  const aliases = ['shop-db'];
  const api = `registry:5000/shop/api:latest-${PROJECT}`;
  expect(ownOf(text)).toEqual({
    services: {
      db: { labels, container_name: `${PROJECT}-db-1`, networks: { back: { aliases }, front: { aliases } } },
      host: { labels, container_name: `${PROJECT}-host-1` },
      api: { labels, image: api, build: { tags: ['registry:5000/shop/api'] } },
      web: {
        ...{ labels, image: `registry:5000/shop/web:dev-${PROJECT}` },
        build: { tags: ['registry:5000/shop/web:dev'] },
      },
      worker: { labels, image: api },
      plain: { labels },
    },
    networks: { back: { name: `${PROJECT}_back` } },
    volumes: { data: { name: `${PROJECT}_data` } },
  });
});

test('a compose of old, which prints a version, is not told of further tags', () => {
  const text = `version: '3.9'\nservices: { api: { build: { context: /api }, image: shop } }`;
  expect(ownOf(text)).toEqual({ services: { api: { labels: LABELS } }, networks: {}, volumes: {} });
});

test.each(['', 'services: [api]', 'services: {', '{{{', 'api'])(
  'what is no configuration is not taken for one: %j',
  (text) => {
    expect(readConfiguration(text)).toBeUndefined();
  },
);
