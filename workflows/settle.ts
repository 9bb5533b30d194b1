import { ActivityFailure } from '@temporalio/workflow';
import { code } from '../domain/markdown.ts';
import { endedNotification, subjectOf } from '../domain/notification.ts';
import { remotesOf } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import { withoutTexts } from '../domain/slim.ts';
import { undoes } from '../domain/undo.ts';
import { light, settling } from './activities.ts';
import type { DeliverInput } from './contract.ts';
import { tellEach } from './tell.ts';

/** After the ending: takes back what must not stay, archives the evidence, removes the worktrees, tells people. */
export async function settle(run: Run, { project, source }: DeliverInput): Promise<void> {
  for (const key of undoes(run)) {
    const repository = run.repositories.find((candidate) => candidate.key === key);
    if (repository === undefined) continue;
    const order = {
      key: run.key,
      workId: run.workId,
      remotes: remotesOf(project),
      repository,
      note: `The run was ${run.ending}: ${code(run.why, 500)}`,
    };
    await quietly(settling.withdraw.executeWithOptions({ activityId: `withdraw:${key}`, summary: key }, [order]));
  }
  await quietly(
    settling.archive.executeWithOptions({ activityId: 'archive', summary: run.ending ?? '' }, [
      { run: withoutTexts(run), remotes: remotesOf(project) },
    ]),
  );
  const repositories = project.repositories.map(({ url }) => url);
  const notification = endedNotification(run, subjectOf(run, { origin: source.name, repositories }));
  await tellEach(project.notifiers, { id: 'ended', summary: run.ending ?? '', notification, by: light });
}

/** Clean-up that fails must not change how the run ended: it stays visible as a failed activity. */
async function quietly(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
  }
}
