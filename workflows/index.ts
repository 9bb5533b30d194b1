export { budget } from './budget.ts';
export { deliver } from './deliver.ts';
export { readTranscripts } from './transcripts.ts';
