/** What of the host or of a service was at fault. */
export type InfraCause =
  | 'disk'
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'credentials'
  | 'quota'
  | 'port'
  | 'memory'
  | 'tool'
  | 'provider';

// Error numbers and the wording of libc, common runtimes and tools, in English and German; sources: errno(3), getaddrinfo(3), curl's exit codes.
const CAUSES: readonly (readonly [InfraCause, RegExp])[] = [
  [
    'disk',
    /\bENOSPC\b|\bEDQUOT\b|no space left on device|disk quota exceeded|not enough space on the disk|auf dem gerät ist kein speicherplatz|read-only file system|\bEROFS\b/i,
  ],
  [
    'dns',
    /\bENOTFOUND\b|\bEAI_(AGAIN|NONAME|FAIL)\b|getaddrinfo|name resolution|name or service not known|could not resolve host|no such host|\bnxdomain\b|bad hostname|unknown ?host|nodename nor servname|could not translate host name|server misbehaving|dns error|failed to lookup address|name oder dienst nicht bekannt|namensauflösung/i,
  ],
  [
    'port',
    /\bEADDRINUSE\b|address already in use|port is already allocated|port \d+ is (already )?in use|bind: address|adresse wird bereits verwendet/i,
  ],
  [
    'refused',
    /\bECONNREFUSED\b|connection ?refused|could not connect to server|couldn't connect to server|failed to connect to|connect(ion)? (to .*)?failed|verbindungsaufbau abgelehnt|actively refused it|ConnectError: All connection attempts failed|max retries exceeded with url/i,
  ],
  [
    'unreachable',
    /\bE(HOST|NET)UNREACH\b|\bETIMEDOUT\b|network is unreachable|no route to host|connect(ion)? timed out|connect timeout|\bECONNRESET\b.*(registry|proxy)|netzwerk ist nicht erreichbar|operation timed out after|(?:^|: |\n)fetch failed(?:\n|$)/i,
  ],
  [
    'tls',
    /certificate (has expired|verify failed|is not trusted|signed by unknown)|CERT_HAS_EXPIRED|CERTIFICATE_VERIFY_FAILED|unable to (get local issuer|verify the first) certificate|self[- ]signed certificate|x509: |SSL certificate problem|PKIX path building failed|tls: (handshake|failed)|SSLHandshakeException/i,
  ],
  [
    'credentials',
    /unable to locate credentials|could not load (the )?default credentials|no credentials|credentials? (have |has )?expired|expired token|invalid(accesskeyid| api key| credentials)|access ?denied|authentication (failed|required)|password authentication failed|401 unauthorized|403 forbidden|unauthorized: |denied: requested access|could not read Username|permission denied \(publickey|E401\b|E403\b/i,
  ],
  [
    'quota',
    /\b429\b.*(too many|rate)|too many requests|rate limit|quota exceeded|toomanyrequests|insufficient_quota|resource[_ ]exhausted/i,
  ],
  [
    'memory',
    /out of memory|cannot allocate memory|\bENOMEM\b|heap out of memory|OutOfMemoryError|OOMKilled|MemoryError\b/i,
  ],
  [
    'provider',
    /\b(502 bad gateway|503 service unavailable|504 gateway time-?out)\b|service unavailable|cannot connect to the docker daemon|could not transfer artifact|failed to (download|fetch|get) .*(registry|repository|mirror|index)|error pulling image|no matching manifest|could not find a version that satisfies .*\(from versions: none\)/i,
  ],
  [
    'tool',
    /could not find (any )?(compiler|program)|CMAKE_\w+_COMPILER (not set|could be found)|not a full path to an existing compiler|linker `\S+` not found|JAVA_HOME .*not (set|defined|found)|no compiler is provided|command not found|: not found$|: (inaccessible or )?not found|executable file not found|is not recognized as an internal|env: .*no such file or directory|befehl nicht gefunden|kommando nicht gefunden|No such file or directory \(os error 2\)|spawn \S+ ENOENT/i,
  ],
];

/** The cause in the host or a service that a text names, or nothing. */
export function infraCause(text: string): InfraCause | undefined {
  return CAUSES.find(([, pattern]) => pattern.test(text))?.[0];
}
