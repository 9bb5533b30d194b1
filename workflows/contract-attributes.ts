import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';

export const SpecProject = defineSearchAttributeKey('SpecProject', SearchAttributeType.KEYWORD);
export const SpecWorkId = defineSearchAttributeKey('SpecWorkId', SearchAttributeType.KEYWORD);
export const SpecPhase = defineSearchAttributeKey('SpecPhase', SearchAttributeType.KEYWORD);
export const SpecOutcome = defineSearchAttributeKey('SpecOutcome', SearchAttributeType.KEYWORD);
export const SpecFailureClass = defineSearchAttributeKey('SpecFailureClass', SearchAttributeType.KEYWORD);
/** What failed last, by its shown fingerprint: the same in every run that fails the same way. */
export const SpecFingerprint = defineSearchAttributeKey('SpecFingerprint', SearchAttributeType.KEYWORD);
export const SpecAttempts = defineSearchAttributeKey('SpecAttempts', SearchAttributeType.INT);
export const SpecCostUsd = defineSearchAttributeKey('SpecCostUsd', SearchAttributeType.DOUBLE);
export const SpecNeedsHuman = defineSearchAttributeKey('SpecNeedsHuman', SearchAttributeType.BOOL);

export const SEARCH_ATTRIBUTES = [
  SpecProject,
  SpecWorkId,
  SpecPhase,
  SpecOutcome,
  SpecFailureClass,
  SpecFingerprint,
  SpecAttempts,
  SpecCostUsd,
  SpecNeedsHuman,
];
