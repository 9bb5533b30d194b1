import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withTable } from '../tests/activities/agents/table.ts';

const page = path.join(import.meta.dirname, '../docs/agents.md');
writeFileSync(page, withTable(readFileSync(page, 'utf8')));
