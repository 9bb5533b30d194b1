import { z } from 'zod';
import { projectFile } from '../domain/project.schema.ts';

/** `spec-to-pr.yaml` as JSON Schema, for editors. */
export function projectJsonSchema(): string {
  const schema = { title: 'spec-to-pr.yaml', ...z.toJSONSchema(projectFile, { io: 'input' }) };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
