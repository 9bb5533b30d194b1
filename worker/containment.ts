import { SandboxUnavailable } from '../activities/sandbox/errors.ts';
import { prove } from '../activities/sandbox/prove.ts';
import type { SandboxChoice } from '../domain/project.ts';
import { workerConfig } from './config.ts';
import type { Check } from './doctor.ts';
import { sandboxHost } from './ports.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const INSTALL = 'install it, or set "sandbox" in the project file as docs/containment.md says';

/** Has an intruder try to break what agents are contained by here: a line for each property, with the result. */
export async function containment(choice: SandboxChoice, environment: Environment): Promise<readonly Check[]> {
  const config = workerConfig(environment);
  const git = { home: config.home, path: config.commandEnvironment['PATH'] ?? '', identity: { name: '', email: '' } };
  const order = {
    host: sandboxHost(config, git, choice),
    environment: (planted: Environment) => workerConfig({ ...environment, ...planted }).agentEnvironment,
  };
  try {
    const { containment, properties } = await prove(order, {
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    const { kind, warning } = containment;
    return [
      {
        name: 'sandbox',
        ok: true,
        found: warning ?? kind,
        fix: '',
        ...(warning === undefined ? {} : { holds: false }),
      },
      ...properties.map(({ name, holds, demanded, found }) => {
        const ok = holds || !demanded;
        return {
          name,
          ok,
          found,
          fix: ok ? '' : 'set "sandbox" in the project file as docs/containment.md says',
          holds,
        };
      }),
    ];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      { name: 'sandbox', ok: false, found: why, fix: error instanceof SandboxUnavailable ? INSTALL : '', holds: false },
    ];
  }
}
