const NAME = /^(implement|diagnose)-(\d{1,9})(?:\.(\d{1,9}))?$/;

/** Orders names of a run's sessions by when they were begun; other names come after them, by their letters. */
export function bySession(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  const place = left.findIndex((value, index) => value !== right[index]);
  return place === -1 ? a.localeCompare(b, 'en', { numeric: true }) : (left[place] ?? 0) - (right[place] ?? 0);
}

/** Answers and cords before it, its attempt, its place in the attempt. */
function rank(name: string): readonly number[] {
  const [, step, attempt, turns] = NAME.exec(name) ?? [];
  if (step === undefined) return [Infinity];
  return [Number(turns ?? 0), Number(attempt), step === 'implement' ? 0 : 1];
}
