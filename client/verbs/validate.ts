import { EXIT } from '../errors.ts';
import { loadOrder, loadProject } from '../order.ts';

/** `spec-to-pr validate` */
export async function verb(options: {
  readonly file?: string;
  readonly project?: string;
  readonly json?: boolean;
}): Promise<number> {
  const checked =
    options.file === undefined ? { project: await loadProject(options.project) } : await loadOrder(options);
  if (options.json === true) process.stdout.write(`${JSON.stringify({ valid: true, ...checked })}\n`);
  else {
    const { project } = checked;
    process.stdout.write(
      `The project "${project.key}" is valid: ${project.repositories.map(({ key }) => key).join(', ')}; gates ${project.gates.join(', ')}\n`,
    );
    if ('spec' in checked)
      process.stdout.write(
        `The spec ${checked.spec.workId} is valid: "${checked.spec.title}", ${checked.spec.criteria.length} acceptance criteria\n`,
      );
  }
  return EXIT.done;
}
