const TOKENS = [
  /\bgh[pousr]_[A-Za-z0-9]{20,}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}\b/g,
  /\bsk-[A-Za-z0-9_-]{20,}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
];
const KEY_MARK = /-----(BEGIN|END) [A-Z ]{0,40}PRIVATE KEY-----/g;
// The first takes all that could belong to one, so that no text is looked at from many starts.
const WEB_TOKEN = /\beyJ[\w-]*(?:\.[\w-]+)*/g;
const SIGNED = /^eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;
const GONE = '[redacted]';

/**
 * A function that takes these exact values, also as JSON, XML and URLs write them, and whatever has the shape of a well-known
 * token, out of a text. Values under 6 characters are left: they would hit ordinary words.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= 6);
  const values = [...new Set(long.flatMap(spellings))].toSorted((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const value of values) clean = clean.replaceAll(value, GONE);
    for (const pattern of TOKENS) clean = clean.replace(pattern, GONE);
    return withoutKeys(clean.replace(WEB_TOKEN, (token) => token.replace(SIGNED, GONE)));
  };
}

/** A value with every text in it, at any depth, without secrets. To be used before anything is cut: half a secret would not be found. */
export function withoutSecrets<T>(value: T, redact: (text: string) => string): T {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? redact(one) : one)));
}

function spellings(secret: string): readonly string[] {
  const inUrl = encodeURIComponent(secret.toWellFormed());
  return [JSON.stringify(secret).slice(1, -1), inUrl, ...inXml(secret)];
}

// Which of the others are escaped is up to the writer; Node's own reporter escapes quotes twice.
function inXml(secret: string): readonly string[] {
  const others: readonly (readonly [string, readonly string[]])[] = [
    ['>', ['&gt;']],
    ['"', ['&quot;', '&#34;', '&amp;quot;']],
    ["'", ['&apos;', '&#39;', '&#x27;']],
  ];
  return others.reduce<readonly string[]>(
    (texts, [sign, escapes]) =>
      texts.flatMap((text) => [text, ...escapes.map((escape) => text.replaceAll(sign, escape))]),
    [secret, secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;')],
  );
}

// By hand, since a pattern for a key from its begin to its end would look for the end anew at each of many begins.
function withoutKeys(text: string): string {
  let clean = '';
  let kept = 0;
  let begin: number | undefined;
  for (const { 0: mark, 1: kind, index } of text.matchAll(KEY_MARK)) {
    if (kind === 'BEGIN') begin ??= index;
    if (kind === 'BEGIN' || begin === undefined) continue;
    clean += text.slice(kept, begin) + GONE;
    kept = index + mark.length;
    begin = undefined;
  }
  return clean + text.slice(kept);
}
