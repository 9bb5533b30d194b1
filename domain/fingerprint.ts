const NOISE: readonly (readonly [RegExp, string])[] = [
  // oxlint-disable-next-line no-control-regex
  [/\u001B\[[0-9;]*[A-Za-z]/g, ''],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d([.,]\d+)?\b/g, '<time>'],
  [/\b0x[0-9a-f]{4,}\b/gi, '<address>'],
  [/(?:[A-Za-z]:)?(?:\/[\w.@+-]+)*\/(?:tmp|temp|var\/folders|private)\/[^\s:'")\]]*/gi, '<path>'],
  [/\b(127\.0\.0\.1|localhost|\[?::1\]?):\d{2,5}\b/g, '$1:<port>'],
  [/\b(port|pid|process)\b(\s*[:=#]?\s*)\d+/gi, '$1$2<n>'],
  [/\b\d+([.,]\d+)?\s?(ms|µs|us|ns|seconds?|secs?|minutes?|s)\b/g, '<duration>'],
  [/([\w./-]+\.\w{1,5}):\d+(:\d+)?/g, '$1:<line>'],
  [/\bline \d+\b/gi, 'line <line>'],
  [/\b[0-9a-f]{12,64}\b/gi, '<hash>'],
];

/** A message without what changes from run to run: times, ids, ports, paths of temporary folders, addresses, durations, line numbers. */
export function normalise(message: string): string {
  let text = message;
  for (const [pattern, replacement] of NOISE) text = text.replace(pattern, replacement);
  return text.replace(/\s+/g, ' ').trim();
}

/** The canonical text of a set of failures; its hash is the fingerprint. Order does not matter, nor do repetitions. */
export function signature(failures: readonly { readonly id: string; readonly message: string }[]): string {
  const lines = failures.map(({ id, message }) => `${normalise(id)}\t${normalise(message)}`);
  return [...new Set(lines)].toSorted().join('\n');
}
