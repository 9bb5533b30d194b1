import { afterAll, beforeAll } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTestServer } from './temporal.ts';

/** Starts a server before the first test of the file, and stops it after the last. */
export function testServerOfFile(): { readonly server: TestWorkflowEnvironment } {
  let server: TestWorkflowEnvironment | undefined;
  beforeAll(async () => {
    server = await startTestServer();
  }, 60_000);
  afterAll(async () => {
    await server?.teardown();
  });
  return {
    get server() {
      if (server === undefined) throw new Error('the server starts before the first test');
      return server;
    },
  };
}
