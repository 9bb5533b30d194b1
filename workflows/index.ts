export { budget } from './budget.ts';
export { deliver } from './deliver.ts';
export { hosts } from './hosts.ts';
export { lease } from './lease.ts';
export { pool } from './pool.ts';
export { sweep } from './sweep.ts';
export { readTranscripts } from './transcripts.ts';
