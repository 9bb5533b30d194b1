import { connect } from '../connect.ts';
import { isExternal } from '../embedded.ts';
import { EXIT, UsageError } from '../errors.ts';
import { follow } from '../follow.ts';
import { ensureSweep } from '../leases.ts';
import { loadOrder } from '../order.ts';
import type { OrderOptions } from '../order.ts';
import { readRun, resolveRun, startRun } from '../runs.ts';
import { home, say as sayer, withSession } from '../session.ts';

interface RunOptions extends OrderOptions {
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly newRun?: boolean;
  readonly json?: boolean;
}

/** `spec-to-pr run` */
export async function verb(options: RunOptions): Promise<number> {
  const say = sayer(options);
  const json = options.json === true;
  if (
    options.file === undefined &&
    options.inline === undefined &&
    options.stdin === undefined &&
    options.workId !== undefined
  )
    return attach(options.workId, json);
  const order = await loadOrder(options);
  if (options.dryRun === true) {
    const { dryRun } = await import('../../worker/dry-run.ts');
    const report = await dryRun(order, process.env);
    process.stdout.write(json ? `${JSON.stringify(report.value)}\n` : `${report.lines.join('\n')}\n`);
    return EXIT.done;
  }
  const { ensureRunning } = await import('../../worker/up.ts');
  await ensureRunning({ environment: process.env, say }, isExternal(process.env));
  const session = await connect(process.env, home());
  try {
    const { project, spec, source } = order;
    const input = { workId: spec.workId, source, project };
    const [how] = await Promise.all([
      startRun(session, input, { newRun: options.newRun === true, title: spec.title }),
      ensureSweep(session, project),
    ]);
    const workflowId = `${project.key}/${spec.workId}`;
    say(how === 'started' ? `Started ${workflowId}: ${spec.title}` : `${workflowId} is live: attached to it`);
    if (options.detach === true) {
      say(`Watch it with \`spec-to-pr watch ${spec.workId}\`.`);
      if (json) process.stdout.write(`${JSON.stringify({ workflowId, workId: spec.workId, how })}\n`);
      return EXIT.done;
    }
    return await follow(session, { workflowId, home: home(), json, untilQuestion: true });
  } finally {
    await session.close();
  }
}

function attach(workId: string, json: boolean): Promise<number> {
  return withSession(async (session) => {
    const { workflowId } = await resolveRun(session, workId);
    const run = await readRun(session, workflowId);
    if (run.ending !== null)
      throw new UsageError(`${workId} is finished already (${run.ending}): give the spec with --new-run to start anew`);
    return follow(session, { workflowId, home: home(), json, untilQuestion: true });
  });
}
