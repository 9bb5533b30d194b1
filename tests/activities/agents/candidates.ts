import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Turn } from '../../support/model/server.ts';
import { REPORT } from './cases.ts';
import type { Act, Candidate, Setting, Stage } from './cases.ts';
import { acp, anthropic, claude, codex, command, opencode } from './words.ts';
import type { Words } from './words.ts';

/** A CLI that is installed for the tests. */
function installed(name: string): string {
  const command = path.resolve(import.meta.dirname, `../../agents/node_modules/.bin/${name}`);
  if (existsSync(command)) return command;
  throw new Error('the agent CLIs are not installed: run `npm test`, or `npm install` in tests/agents');
}

async function stage(words: Words, acts: () => readonly Act[], { work, first }: Setting): Promise<Stage> {
  const command = words.cli === undefined ? {} : { command: installed(words.cli) };
  const model = await words.serve((turn) => turnOf(acts()[turn], words, work));
  return {
    environment: words.environment(model.url, first),
    options: { ...command, ...words.options },
    ...(words.model === undefined ? {} : { model: words.model }),
    stop: () => model.stop(),
  };
}

function turnOf(act: Act | undefined, words: Words, work: string): Turn {
  if (act === undefined) return { text: 'bye' };
  if ('say' in act) return { text: act.say };
  if ('write' in act) return words.write(path.join(work, act.write), act.content);
  if ('run' in act) return words.run(act.run);
  if ('report' in act) return words.report(REPORT(act));
  if ('andon' in act) return words.andon(act.andon);
  if ('inspect' in act) return words.inspect?.(act.inspect) ?? { text: 'there is no such tool' };
  if ('quota' in act) return words.quota(act.quota);
  return 'fault' in act ? { fault: act.fault } : words.overflow;
}

/** The scripted agent has no model: each act is a step of its script. */
function stepOf(act: Act): object {
  if ('say' in act) return { say: act.say };
  if ('write' in act) return { write: { file: act.write, content: act.content } };
  if ('run' in act) return { run: act.run };
  if ('andon' in act) return { andon: act.andon };
  if ('inspect' in act) return { inspect: act.inspect };
  if ('report' in act) return { end: { as: act.report.status, why: act.report.reason ?? '' } };
  if ('quota' in act) return { end: { as: 'quota_parked', why: 'no quota', in: act.quota } };
  if ('overflow' in act) return { end: { as: 'incomplete_handoff', why: 'too long' } };
  if (act.fault === 'silence' || act.fault === 'stall') return { hang: true };
  if (act.fault === 'refusal') return { end: { as: 'refused', why: 'not this' } };
  const status = typeof act.fault === 'object' ? act.fault.status : 500;
  const as = status === 401 ? 'needs_human' : status === 429 ? 'quota_parked' : 'provider_down';
  return { end: { as, why: `the provider answered ${status}` } };
}

const NO_PRICE = 'reports tokens, no cost';

/** All adapters, as the contract suite tries them. */
export const candidates: readonly Candidate[] = [
  {
    name: 'acp',
    lacks: {
      'cost limit': 'Claude tells its cost when a prompt has ended',
      'token limit': 'Claude tells its tokens when a prompt has ended',
      'used-up quota with its reset time': 'the protocol has no place for it',
    },
    startSeconds: 15,
    prepare: (acts, setting) => stage(acp, acts, setting),
  },
  {
    name: 'anthropic',
    lacks: {},
    prepare: (acts, setting) => stage(anthropic, acts, setting),
  },
  {
    name: 'claude',
    lacks: {},
    prepare: (acts, setting) => stage(claude, acts, setting),
  },
  {
    name: 'codex',
    lacks: { 'cost limit': NO_PRICE },
    otherwise: { 'hang after the first byte': 'provider_down' },
    prepare: (acts, setting) => stage(codex, acts, setting),
  },
  {
    name: 'opencode',
    lacks: {},
    startSeconds: 20,
    prepare: (acts, setting) => stage(opencode, acts, setting),
  },
  {
    name: 'command',
    lacks: { inspection: 'it is offered no tools' },
    prepare: (acts, setting) => stage(command, acts, setting),
  },
  {
    name: 'scripted',
    lacks: {
      'turn limit': 'plays its steps to the end',
      'cost limit': 'plays its steps to the end',
      'token limit': 'plays its steps to the end',
      'no report': 'the end of its steps is its report',
      resume: 'a script that dies has crashed',
    },
    async prepare(acts, { folder }) {
      const script = path.join(folder, 'agent.yaml');
      const steps = acts().map(stepOf);
      await writeFile(script, JSON.stringify({ attempts: [{ steps: [{ say: 'all done' }, ...steps] }] }));
      return { environment: {}, options: { script }, stop: () => Promise.resolve() };
    },
  },
];
