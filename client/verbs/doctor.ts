import { EXIT } from '../errors.ts';
import { loadProject } from '../order.ts';

/** `spec-to-pr doctor` */
export async function verb(options: { readonly project?: string; readonly json?: boolean }): Promise<number> {
  const { diagnose } = await import('../../worker/doctor.ts');
  const project =
    options.project === undefined
      ? await loadProject(undefined).catch(() => undefined)
      : await loadProject(options.project);
  const checks = await diagnose(project, process.env);
  if (options.json === true) process.stdout.write(`${JSON.stringify(checks)}\n`);
  else
    for (const { name, ok, found, fix, holds } of checks)
      process.stdout.write(
        `${ok ? (holds === false ? 'warning' : 'ok     ') : 'missing'}  ${name}: ${found}${fix === '' ? '' : ` – ${fix}`}\n`,
      );
  return checks.every(({ ok }) => ok) ? EXIT.done : EXIT.unsuccessful;
}
