import { expect, test } from '@jest/globals';
import { workerConfig } from '../../worker/config.ts';

const CLOUDS = {
  ...{ AWS_REGION: 'eu-west-1', AWS_SECRET_ACCESS_KEY: 'aws-secret', GOOGLE_APPLICATION_CREDENTIALS: '/adc.json' },
  ...{ GITHUB_TOKEN: 'forge-secret', TEMPORAL_API_KEY: 'temporal-secret', ANTHROPIC_API_KEY: 'model-secret' },
};

const agentNames = (environment: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(workerConfig({ HOME: '/home/me', ...environment }).agentEnvironment).toSorted();

test('an agent gets its provider’s key, and nothing of a forge, of Temporal or of a cloud', () => {
  expect(agentNames(CLOUDS)).toEqual(['ANTHROPIC_API_KEY', 'HOME', 'NPM_CONFIG_UPDATE_NOTIFIER']);
});

test('an agent gets the variables of the cloud that serves its model, and of no other', () => {
  expect(agentNames({ ...CLOUDS, CLAUDE_CODE_USE_BEDROCK: '1' })).toEqual([
    ...['ANTHROPIC_API_KEY', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', 'CLAUDE_CODE_USE_BEDROCK', 'HOME'],
    'NPM_CONFIG_UPDATE_NOTIFIER',
  ]);
  expect(agentNames({ ...CLOUDS, CLAUDE_CODE_USE_VERTEX: '1' })).toEqual([
    ...['ANTHROPIC_API_KEY', 'CLAUDE_CODE_USE_VERTEX', 'GOOGLE_APPLICATION_CREDENTIALS', 'HOME'],
    'NPM_CONFIG_UPDATE_NOTIFIER',
  ]);
});

test('commands of a repository get no credential at all, and what is secret is redacted', () => {
  const { commandEnvironment, redact } = workerConfig({ HOME: '/home/me', ...CLOUDS, CLAUDE_CODE_USE_BEDROCK: '1' });
  expect(commandEnvironment).toEqual({ NPM_CONFIG_UPDATE_NOTIFIER: 'false' });
  expect(redact('aws-secret forge-secret temporal-secret model-secret eu-west-1')).toBe(
    '[redacted] [redacted] [redacted] [redacted] eu-west-1',
  );
});
