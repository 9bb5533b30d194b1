import { SearchAttributeType } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract-attributes.ts';

const TYPES: Readonly<Record<string, string>> = {
  [SearchAttributeType.KEYWORD]: 'Keyword',
  [SearchAttributeType.INT]: 'Int',
  [SearchAttributeType.DOUBLE]: 'Double',
  [SearchAttributeType.BOOL]: 'Bool',
};

/** The search attributes as `Name=Type`, the way the `temporal` CLI takes them. */
export const attributeFlags: readonly string[] = SEARCH_ATTRIBUTES.map(
  ({ name, type }) => `${name}=${TYPES[type] ?? 'Keyword'}`,
);

/** Makes a step cost about 7 ms instead of 100 on the development server. Has to be given at every start. */
export const tuningFlags: readonly string[] = [
  ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
  ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
  ...['--dynamic-config-value', 'history.timerProcessorMaxPollRPS=2000'],
  ...['--dynamic-config-value', 'matching.enableFairness=true'],
];
