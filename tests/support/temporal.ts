import { TestWorkflowEnvironment } from '@temporalio/testing';
import { cacheHome } from '../../worker/processes/home.ts';
import { findTemporal } from '../../worker/temporal/find.ts';
import { tuningFlags } from '../../worker/temporal/flags.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract-attributes.ts';

/** A real development server of this test file's own, in memory; with its UI where a port is given for that. */
export async function startTestServer(uiPort?: number): Promise<TestWorkflowEnvironment> {
  const { file } = await findTemporal({
    path: process.env['PATH'] ?? '',
    cacheDir: cacheHome(process.env),
    say: () => undefined,
  });
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: file },
      searchAttributes: [...SEARCH_ATTRIBUTES],
      extraArgs: tuningFlags.filter(
        (flag, index) => flag !== '--sqlite-pragma' && tuningFlags[index - 1] !== '--sqlite-pragma',
      ),
      ...(uiPort === undefined ? {} : { ui: true, uiPort }),
      log: { level: 'error', format: 'pretty' },
    },
  });
}
