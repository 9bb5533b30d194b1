/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/tests/agents/', '<rootDir>/examples/'],
  transform: { '^.+\\.ts$': '<rootDir>/tests/support/strip-types.cjs' },
  testTimeout: 60_000,
  maxConcurrency: 3,
};
