/** Where a command of an inspection runs. */
export interface InspectionPlace {
  /** A service there has a machine of its own, such as a container. */
  readonly isolated: boolean;
  /** Host names of the environment's services. */
  readonly hosts: readonly string[];
  /** Their base URLs. */
  readonly origins: readonly string[];
  /** Commands that the project allows beside those that are known to only read; a last ` *` stands for any further words. */
  readonly allowed: readonly string[];
}

interface Program {
  /** The options that it may be given, each of them one word. */
  readonly options?: RegExp;
  /** Options that take the next word, which is no path. */
  readonly valued?: RegExp;
  /** What its other words are; none when left out. */
  readonly words?: 'paths' | 'pattern and paths' | 'host' | 'url';
  /** It tells of the whole machine. */
  readonly machine?: true;
}

// By what POSIX, GNU and BusyBox give them. Left out is all that writes, follows, runs a program, or reads below a folder at once.
const PROGRAMS: Readonly<Record<string, Program>> = {
  cat: { options: /^-[AbEensTtuv]+$/, words: 'paths' },
  head: { options: /^-(\d+|[nc]\d+|[qv])$/, valued: /^-[nc]$/, words: 'paths' },
  tail: { options: /^-(\d+|[nc]\d+|[qv])$/, valued: /^-[nc]$/, words: 'paths' },
  grep: {
    options: /^-([cEFHhilnoqsvwx]+|[ABCm]\d+)$/,
    valued: /^-[ABCm]$/,
    words: 'pattern and paths',
  },
  wc: { options: /^-[clmw]+$/, words: 'paths' },
  ls: { options: /^-[1AadhilnRrSst]+$/, words: 'paths' },
  stat: { words: 'paths' },
  find: {
    options: /^-(empty|print|o|a|not)$/,
    valued: /^-(name|iname|path|type|size|mtime|mmin|maxdepth|mindepth)$/,
    words: 'paths',
  },
  du: { options: /^-[achkms]+$/, valued: /^-d$/, words: 'paths' },
  df: { options: /^-[ahikmPT]+$/, words: 'paths' },
  readlink: { options: /^-f$/, words: 'paths' },
  sha256sum: { words: 'paths' },
  pwd: {},
  id: {},
  date: { options: /^-u$/ },
  uname: { options: /^-[amnrsv]+$/ },
  curl: { options: /^-[fgIiSsv]+$/, valued: /^-m$/, words: 'url' },
  // Without a dash, "e" would show environments.
  ps: { options: /^(-[AadeFfHjlLTwy]+|[afjluwx]+)$/, machine: true },
  free: { options: /^-[bghkmw]+$/, machine: true },
  uptime: { machine: true },
  hostname: { machine: true },
  ss: { options: /^-[46alnpstux]+$/, machine: true },
  netstat: { options: /^-[46alnprstux]+$/, machine: true },
  nslookup: { words: 'host', machine: true },
};

const SECRET_PLACES = [
  ['proc'],
  ['sys'],
  ['run', 'secrets'],
  ['var', 'run', 'secrets'],
  ['etc', 'shadow'],
  ['root', '.ssh'],
];

/** Names of the programs that a place offers. */
export function programsFor({ isolated }: InspectionPlace): readonly string[] {
  return Object.entries(PROGRAMS).flatMap(([name, { machine }]) => (machine && !isolated ? [] : [name]));
}

/** One sentence when the command, word by word, is not known to only read there; nothing when it may run. Pure. */
export function refusedInspection(command: readonly string[], place: InspectionPlace): string | undefined {
  const [name = ''] = command;
  if (place.allowed.some((line) => isAllowed(line, command))) return undefined;
  if (!programsFor(place).includes(name))
    return `"${name}" is not known to only read here: use ${programsFor(place).join(', ')}${place.allowed.length === 0 ? '' : ` or one of the project's own: ${place.allowed.join('; ')}`}`;
  const { words, unknown } = operandsOf(command);
  if (unknown !== undefined) return `"${name}" is not run with "${unknown}" here`;
  const kind = PROGRAMS[name]?.words;
  if (kind === undefined) return words.length === 0 ? undefined : `"${name}" takes no "${words[0]}" here`;
  return words.map((word) => refusedWord(word, kind, place)).find((refused) => refused !== undefined);
}

/** The words by which a known program names files; none of other programs. */
export function pathsIn(command: readonly string[]): readonly string[] {
  const kind = PROGRAMS[command[0] ?? '']?.words;
  return kind === 'paths' || kind === 'pattern and paths' ? operandsOf(command).words : [];
}

/** What a known program is to work on, without options and patterns; `unknown` is the first option that it may not have. */
function operandsOf([name = '', ...rest]: readonly string[]): {
  readonly words: readonly string[];
  readonly unknown: string | undefined;
} {
  const { options, valued, words: kind } = PROGRAMS[name] ?? {};
  const words: string[] = [];
  let unknown: string | undefined;
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    if (valued?.test(word)) at += 1;
    else if (options?.test(word)) continue;
    else if (word.startsWith('-')) unknown ??= word;
    else words.push(word);
  }
  return { words: kind === 'pattern and paths' ? words.slice(1) : words, unknown };
}

function isAllowed(line: string, command: readonly string[]): boolean {
  const words = line.trim().split(/\s+/);
  const open = words.at(-1) === '*';
  const wanted = open ? words.slice(0, -1) : words;
  return (
    wanted.every((word, at) => word === command[at]) &&
    (open ? command.length >= wanted.length : command.length === wanted.length)
  );
}

function refusedWord(word: string, kind: NonNullable<Program['words']>, place: InspectionPlace): string | undefined {
  if (kind === 'url') return refusedUrl(word, place);
  if (kind === 'host') return /^[\w.-]+$/.test(word) ? undefined : `"${word}" is no host name`;
  const parts = word.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return `"${word}" leads out of where it starts: name the path itself`;
  if (!place.isolated)
    return word.startsWith('/')
      ? `"${word}" lies outside of the service's folder: paths are relative to it`
      : undefined;
  const secret = SECRET_PLACES.some((folder) => folder.every((part, at) => parts[at] === part));
  return secret ? `"${word}" may hold secrets` : undefined;
}

// Programs read a URL in different ways: only the plainest form is taken.
const URL_FORM = /^(https?:\/\/([\w.-]+)(:\d+)?)([/?][\w\-./?&=%,:+~]*)?$/;

function refusedUrl(word: string, { isolated, hosts, origins }: InspectionPlace): string | undefined {
  const [, origin = '', host = ''] = URL_FORM.exec(word) ?? [];
  const known = isolated && [...hosts, 'localhost', '127.0.0.1'].includes(host);
  if (known || (origin !== '' && origins.includes(origin))) return undefined;
  const reached = isolated ? [...origins, ...hosts.map((name) => `http://${name}`), 'http://localhost'] : origins;
  return `"${word}" is none of the environment's addresses: ${reached.join(', ') || 'it has none'}`;
}
