import type { Run, Step } from './run.ts';
import { escalate } from './stop.ts';
import { shellWord } from './text.ts';

/** A repository's clone that a person works in. */
export interface LentWorktree {
  readonly repository: string;
  readonly directory: string;
  readonly branch: string;
  /** Where the branch began. */
  readonly commit: string;
  /** Commands that make the same on another machine; none where nothing that it reaches has the commit. */
  readonly elsewhere: readonly string[];
}

export interface Takeover {
  /** The person, where known. */
  readonly by?: string;
  /** Name of the machine that has the worktrees. */
  readonly host: string;
  readonly worktrees: readonly LentWorktree[];
}

/** The run with a person at work in these worktrees: it waits for `resume`. */
export function handedOver(run: Run, takeover: Takeover): Run {
  const who = takeover.by ?? 'a person';
  return wait({ ...run, takeover }, `${who} has taken the run over: it goes on from their commits after resume`);
}

/** The run that still waits for its person's commits, because those that there are cannot be taken: what the answer granted does not count. */
export function notTakenBack(run: Run, why: string): Run {
  const { attempts = 0, usd = 0, tokens = 0, minutes = 0 } = run.answers.at(-1) ?? {};
  const granted = attempts + usd + tokens + minutes > 0;
  return wait(withoutGrant(run), `not resumed${granted ? ', nothing granted' : ''}: ${why}`);
}

/** Runs that were answered before funds were kept have none to go back to. */
function withoutGrant(run: Run): Run {
  const funds = run.step.at === 'take_back' ? run.step.funds : undefined;
  if (funds === undefined) return run;
  const { unpriced: _unpriced, untold: _untold, overdraft: _overdraft, ...rest } = run;
  return { ...rest, ...funds };
}

function wait(run: Run, why: string): Run {
  const back: Step = 'back' in run.step ? run.step.back : { at: 'implement' };
  return { ...escalate(run, { reason: 'taken_over', why }, back), step: { at: 'taken_over' } };
}

/** Where a person finds the worktrees, and how to get them elsewhere: plain lines, for a block of code. Nothing when nobody has any. */
export function takeoverLines({ takeover, key }: Run): readonly string[] {
  if (takeover === undefined) return [];
  const { host, worktrees } = takeover;
  const answer = `spec-to-pr answer ${key.workflowId} resume`;
  const places = worktrees.map(
    ({ repository, directory, branch, commit }) =>
      `cd ${shellWord(directory)}  # ${repository}, branch ${branch} from ${commit.slice(0, 12)}`,
  );
  const commands = worktrees.flatMap(({ elsewhere }) => elsewhere);
  const lacking = worktrees.filter(({ elsewhere }) => elsewhere.length === 0).map(({ repository }) => repository);
  const refs = worktrees.map(({ repository, branch }) => ` --at ${repository}=${branch}`).join('');
  return [
    `# on ${host}: commit on the branch, then ${answer}`,
    ...places,
    ...(commands.length === 0 ? [] : [`# on another machine; push the branch, then ${answer}${refs}`, ...commands]),
    ...(lacking.length === 0 ? [] : [`# on this machine only, for want of a state remote: ${lacking.join(', ')}`]),
  ];
}

/** The commands that get a commit to a new branch of a new clone on any machine. `state` is where its hidden ref is; a commit of the base needs none. */
export function elsewhereCommands(order: {
  readonly repository: string;
  readonly url: string;
  readonly branch: string;
  readonly commit: string;
  readonly baseCommit: string;
  readonly state?: { readonly url: string; readonly ref: string };
}): readonly string[] {
  const { url, branch, commit, baseCommit, state } = order;
  const folder = shellWord(order.repository);
  const clone = `git clone ${shellWord(url)} ${folder}`;
  if (commit === baseCommit) return [clone, `git -C ${folder} switch -c ${branch} ${commit}`];
  if (state === undefined) return [];
  const fetch = `git -C ${folder} fetch ${shellWord(state.url)} ${shellWord(`${state.ref}:${branch}`)}`;
  return [clone, fetch, `git -C ${folder} switch ${branch}`];
}
