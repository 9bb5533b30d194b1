import { z } from 'zod';
import { projectFile } from '../domain/project.schema.ts';

/** Where a key may stand in the project file, as paths of sections, the uppermost first: `[]` is the top, `*` any name. */
export function placesOf(key: string): readonly (readonly string[])[] {
  const places = sections(z.toJSONSchema(projectFile, { io: 'input' }), [])
    .filter(({ keys }) => keys.includes(key))
    .map(({ at }) => at)
    .toSorted((a, b) => a.length - b.length);
  return places.filter((at, index) => places.findIndex((other) => other.join('.') === at.join('.')) === index);
}

interface Section {
  readonly at: readonly string[];
  readonly keys: readonly string[];
}

type Schema = z.core.JSONSchema._JSONSchema;

/** Lists and forms of a value are no sections of their own. */
function sections(schema: Schema | undefined, at: readonly string[]): readonly Section[] {
  if (typeof schema !== 'object') return [];
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [] } = schema;
  const forms = [...anyOf, ...oneOf, ...(Array.isArray(items) ? items : [items])];
  return [
    { at, keys: Object.keys(properties) },
    ...Object.entries(properties).flatMap(([key, value]) => sections(value, [...at, key])),
    ...sections(additionalProperties, [...at, '*']),
    ...forms.flatMap((form) => sections(form, at)),
  ];
}
