import { allHandlersFinished, condition, continueAsNew, setHandler } from '@temporalio/workflow';
import { withSign } from '../domain/hosts.ts';
import type { Hosts } from '../domain/hosts.ts';
import { hostSign, knownHosts } from './contract.ts';
import { longHistory } from './history.ts';

/** The hosts whose workers have given a sign lately: lives for as long as the server. */
export async function hosts(input: Hosts): Promise<void> {
  let known = input;
  setHandler(knownHosts, () => known, { description: 'When the worker of each host last gave a sign' });
  setHandler(
    hostSign,
    (host) => {
      known = withSign(known, host, Date.now());
    },
    { description: 'A worker of this host is up' },
  );
  await condition(longHistory);
  await condition(allHandlersFinished);
  await continueAsNew<typeof hosts>(known);
}
