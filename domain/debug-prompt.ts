import { attemptsEvidence, criteria, sections, specification } from './prompt-parts.ts';
import type { Attempt, Run } from './run.ts';
import { oneLine } from './text.ts';

const RULES = `## Rules
- Find out why the gate failed. Do not mend it: what you change in your folders is thrown away.
- Run what only reads. Your evidence counts, not your confidence: each hypothesis quotes, word for word, a line of a file below your folder or of what a command printed. Quotes are looked up; a hypothesis without one that is found is not used.
- Say what is to blame: \`bug\` (the change), \`environment\` (what it ran in), \`test\` (the test is wrong), \`spec\` (the specification contradicts itself or the system).
- Do not repeat a refuted hypothesis. Put the likeliest first, five at most.
- If the environment is sick, or a person is needed, pull the cord: call the tool \`andon\` of the server \`run\`.`;

/** What a debugger session is told about an attempt that failed a gate. `evidence` names files below its folder. Pure. */
export function debugPrompt(input: {
  run: Run;
  attempt: Attempt;
  body: string;
  directories: Readonly<Record<string, string>>;
  evidence: readonly string[];
  /** Whether the session has the tool `inspect`. */
  inspects: boolean;
}): string {
  const { run, attempt, body, directories, evidence, inspects } = input;
  const failed = attempt.gates.filter(({ result }) => result !== 'passed').map(({ gate }) => gate);
  return sections([
    `# Diagnosis: ${run.spec?.title ?? run.workId}`,
    `Attempt ${attempt.number} failed ${failed.join(', ')}. Find out why, so that the next attempt does not guess.`,
    where(run, directories),
    RULES,
    environmentOf(run, inspects),
    files(evidence),
    `## What the attempts showed\nNewest first.\n\n${attemptsEvidence(run)}`,
    specification(body),
    criteria(run),
  ]);
}

function files(evidence: readonly string[]): string {
  if (evidence.length === 0) return '';
  const told =
    'The log of a service has what it wrote while the suite ran; its first line says from when to when. A rerun of failed tests has its own, below `again-<number>`.';
  return `## Files of evidence\n${told}\n${evidence.map((file) => `- ${file}`).join('\n')}`;
}

function where(run: Run, directories: Readonly<Record<string, string>>): string {
  const last = run.attempts.at(-1)?.implementation.commits ?? {};
  const lines = run.repositories.map(
    ({ key, baseCommit }) =>
      `- ${key}: ${directories[key] ?? key} at ${(last[key] ?? baseCommit).slice(0, 12)}, the commit that was judged (base ${baseCommit.slice(0, 12)})`,
  );
  return `## Where\nYour folder holds the repositories and the folder \`evidence\`.\n${lines.join('\n')}`;
}

function environmentOf({ environment }: Run, inspects: boolean): string {
  if (environment === null) return '';
  const services = Object.entries(environment.addresses).map(([key, url]) => `- ${key}: ${oneLine(url)}`);
  const tool =
    'The tool `inspect` of the server `run` runs commands that only read inside a service. Quote a result with its name, `inspect/<number>`, as the source.';
  const lines = [
    `${environment.name} still runs exactly these commits. You may look at it.`,
    ...(inspects ? [tool] : []),
  ];
  return `## Environment\n${[...lines, ...services].join('\n')}`;
}
