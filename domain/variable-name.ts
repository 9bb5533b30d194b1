/** A key as the start of variables' names: capitals, digits and `_`, with a `_` before a digit, which no shell takes as the first. */
export function variableName(key: string): string {
  const name = key.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  return /^\d/.test(name) ? `_${name}` : name;
}

/** Keys that start the same variables' names, in groups of two or more. */
export function sameVariables(keys: readonly string[]): readonly (readonly string[])[] {
  return [...Map.groupBy(new Set(keys), variableName).values()].filter((group) => group.length > 1);
}
