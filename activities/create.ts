import { archive } from './archive.ts';
import { bind } from './bind.ts';
import type { Binding } from './bind.ts';
import { checks } from './checks.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnoseInput } from './diagnose.ts';
import { dossier } from './dossier.ts';
import { deploy } from './deploy.ts';
import { e2e } from './e2e.ts';
import type { E2eInput } from './e2e.ts';
import { implement } from './implement.ts';
import { handOver } from './hand-over.ts';
import { ingest } from './ingest.ts';
import type { Io } from './io.ts';
import { glance, listen, reply } from './listen.ts';
import { notify } from './notify.ts';
import { plan } from './plan.ts';
import type { Ports } from './ports.ts';
import { provision } from './provision.ts';
import { pullRequest, push, withdraw } from './publish.ts';
import { release } from './release.ts';
import type { ReleaseInput } from './release.ts';
import { survey } from './sweep.ts';
import type { SurveyInput } from './sweep.ts';
import { warm } from './warm.ts';
import { takeBack } from './take-back.ts';
import { transcripts } from './transcripts.ts';
import type { TranscriptOrder, TranscriptReading } from './transcripts.ts';

const steps = {
  ingest,
  plan,
  implement,
  diagnose,
  checks,
  deploy,
  e2e,
  release,
  push,
  pullRequest,
  withdraw,
  handOver,
  takeBack,
  dossier,
  notify,
  listen,
  glance,
  reply,
  archive,
  provision,
  survey,
  warm,
};

type Steps = typeof steps;

/** The activities as the workflow sees them: one object in, one value out. Named after the phases they serve. */
export type Activities = { [Name in keyof Steps]: (input: Parameters<Steps[Name]>[1]) => ReturnType<Steps[Name]> };

/** What a worker does for its own host alone. */
export interface HostActivities extends Pick<Activities, 'diagnose' | 'e2e' | 'release' | 'survey'> {
  transcripts(order: TranscriptOrder): Promise<TranscriptReading>;
}

/** Binds what this host alone can do. Nothing is lost with a reading: whoever asked for it asks again. */
export function createHostActivities(ports: Ports, binding: Binding): HostActivities {
  const reading = { ...binding, claim: async () => async () => undefined, wanted: async () => false };
  return {
    transcripts: bind(reading, (order: TranscriptOrder, io) => transcripts(ports, order, io)),
    diagnose: bind(binding, (input: DiagnoseInput, io) => diagnose(ports, input, io)),
    e2e: bind(binding, (input: E2eInput, io) => e2e(ports, input, io)),
    release: bind(binding, (input: ReleaseInput, io) => release(ports, input, io)),
    survey: bind(binding, (input: SurveyInput, io) => survey(ports, input, io)),
  };
}

/** Binds every step to its ports and to Temporal. */
export function createActivities(ports: Ports, binding: Binding): Activities {
  const bound = <I, O>(step: (ports: Ports, input: I, io: Io) => Promise<O>): ((input: I) => Promise<O>) =>
    bind(binding, (input, io) => step(ports, input, io));
  return {
    ingest: bound(ingest),
    plan: bound(plan),
    implement: bound(implement),
    diagnose: bound(diagnose),
    checks: bound(checks),
    deploy: bound(deploy),
    e2e: bound(e2e),
    release: bound(release),
    push: bound(push),
    pullRequest: bound(pullRequest),
    withdraw: bound(withdraw),
    handOver: bound(handOver),
    takeBack: bound(takeBack),
    dossier: bound(dossier),
    notify: bound(notify),
    listen: bound(listen),
    glance: bound(glance),
    reply: bound(reply),
    archive: bound(archive),
    provision: bound(provision),
    survey: bound(survey),
    warm: bound(warm),
  };
}
