import { createHash } from 'node:crypto';
import type { Reservation, SessionCost } from '../domain/budget.ts';
import type { ArtifactRef } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { SandboxChoice } from '../domain/project.ts';
import { sections } from '../domain/prompt-parts.ts';
import type { Role } from '../domain/roles.ts';
import type { Run } from '../domain/run.ts';
import { dollars, oneLine } from '../domain/text.ts';
import type { AgentReport } from './agents/index.ts';
import type { Inspectable } from './agents/tools/inspect.ts';
import { optionsWithPrice, costMissing, priced } from './cost.ts';
import type { PricedReport } from './cost.ts';
import { artifactFolder, jobFolder } from './folders.ts';
import type { Io } from './io.ts';
import { pinnedPersona } from './personas.ts';
import type { Ports } from './ports.ts';
import { withoutSecrets } from './redact.ts';
import { rulesFor } from './rules.ts';

export interface SessionOrder {
  readonly run: Run;
  readonly role: Role;
  readonly attempt: number;
  /** Names the session in the run: the same name re-attaches to it or resumes it. */
  readonly name: string;
  readonly directory: string;
  readonly prompt: string;
  /** What the session is contained by. */
  readonly sandbox: SandboxChoice;
  /** What it may spend at most. */
  readonly reservation: Reservation;
  /** Is told what a session has spent as soon as it has ended: from then on it is paid. */
  readonly ended?: (spent: SessionCost) => void;
  /** What it may look into: whoever orders the session answers. */
  readonly inspect?: Inspectable;
}

export interface SessionEnd {
  readonly report: PricedReport;
  readonly prompt: ArtifactRef;
  readonly transcript: ArtifactRef;
  readonly host: string;
}

/** Holds one agent session in its role; what it was told and what it did are kept as artifacts. */
export async function holdSession(ports: Ports, order: SessionOrder, io: Io): Promise<SessionEnd> {
  const { run, role, name, reservation } = order;
  const agent = (run.roles[role] ?? run.roles.developer).agent;
  const artifacts = artifactFolder(run.key);
  const persona = await pinnedPersona(ports, order, io);
  const rules = await rulesFor(ports, { repositories: run.repositories, agent: agent.name }, io);
  const text = sections([order.prompt, rules]);
  const keep = (file: string, told: string): Promise<ArtifactRef> =>
    ports.artifacts.put(artifacts, `${name}/${file}`, ports.redact(told));
  const prompt = await keep('prompt.md', text);
  if (persona !== undefined) await keep('persona.md', persona.instructions);
  const model = persona?.model ?? agent.model;
  const reported = await ports.agent(agent, order.sandbox).run(
    {
      directory: order.directory,
      prompt: text,
      role,
      ...(persona === undefined ? {} : { persona }),
      attempt: order.attempt,
      ...(order.inspect === undefined ? {} : { inspect: order.inspect }),
      sessionId: sessionIdOf(`${run.key.firstRunId}:${name}`),
      jobDirectory: jobFolder(ports.home, run.key, name),
      ...(model === undefined ? {} : { model }),
      options: optionsWithPrice(agent, run.prices),
      limits: {
        seconds: Math.max(1, reservation.seconds),
        silenceSeconds: run.limits.agentSilenceSeconds,
        turns: Math.min(persona?.maxTurns ?? Infinity, run.limits.agentTurns),
        usd: Math.max(0.01, reservation.usd),
        tokens: reservation.tokens,
      },
    },
    io,
  );
  const report = clean(withReason(priced(reported, agent, run.prices), reservation), ports);
  if (report.end !== 'quota_parked') order.ended?.(spentIn(report));
  const missing = costMissing(report, agent);
  if (missing !== undefined) io.progress(missing);
  const transcript = await ports.artifacts.putFile(artifacts, `${name}/transcript.jsonl`, report.transcript);
  return { report, prompt, transcript, host: ports.host() };
}

function spentIn({ usd, tokens, unpriced, untold }: PricedReport): SessionCost {
  return { usd, tokens, ...(unpriced && { unpriced }), ...(untold && { untold }) };
}

/** The report that says which of its limits a session has spent. */
function withReason(report: PricedReport, { usd, tokens }: Reservation): PricedReport {
  if (report.end !== 'budget_exhausted') return report;
  if (report.usd >= usd)
    return { ...report, why: `the session spent ${dollars(report.usd)} of the ${dollars(usd)} that it had` };
  if (report.tokens < tokens) return report;
  return { ...report, why: `the session used ${report.tokens} of the ${tokens} tokens that it had` };
}

/** The report with what the agent says in it without secrets. */
function clean(report: PricedReport, { redact }: Ports): PricedReport {
  const { why, summary, claims } = report;
  const told = withoutSecrets({ why, summary, ...(claims === undefined ? {} : { claims }) }, redact);
  return { ...report, ...told };
}

/** The text of the run's specification. */
export async function specBody(ports: Ports, run: Run): Promise<string> {
  return run.spec === null ? '' : ports.artifacts.read(run.spec.document);
}

/** A session's name: sessions after a person's answer, or after a cord, are others than those before. */
export function sessionName(run: Run, step: string, attempt: number): string {
  const turns = run.answers.length + run.cords.length;
  return `${step}-${attempt}${turns === 0 ? '' : `.${turns}`}`;
}

type Told = Pick<
  PricedReport,
  'end' | 'why' | 'cord' | 'sessionId' | 'usd' | 'tokens' | 'usage' | 'unpriced' | 'untold' | 'turns'
>;

/** What of a session's report is kept in the run. */
export function told(report: PricedReport): Told {
  const { end, why, cord, sessionId, usage, turns } = report;
  const figures = { ...spentIn(report), ...(usage && { usage }), turns };
  return { end, why: oneLine(why, 500), ...(cord === undefined ? {} : { cord }), sessionId, ...figures };
}

const QUOTA_WAIT_MS = 15 * 60_000;
const MIN_WAIT_MS = 1000;

/** The session goes on later; what it has cost so far is told when it ends. */
export function parked({ until, why }: AgentReport): Outcome {
  const now = Date.now();
  return { kind: 'parked', until: Math.max(until ?? now + QUOTA_WAIT_MS, now + MIN_WAIT_MS), why: oneLine(why, 300) };
}

/** A UUID (version 5 layout) from a name: the same session for every retry of the same step. */
function sessionIdOf(name: string): string {
  const hex = createHash('sha1').update(`spec-to-pr:${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
