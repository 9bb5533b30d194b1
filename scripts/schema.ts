import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectJsonSchema } from '../formats/project-schema.ts';

writeFileSync(path.join(import.meta.dirname, '../schema/spec-to-pr.schema.json'), projectJsonSchema());
