// A line each: how compilers, loaders, type checkers and linters report what they cannot accept.
const DIAGNOSTICS: readonly RegExp[] = [
  // gcc, clang, swiftc, ghc, kotlinc, go vet: file:line:column: error: …
  /^\S+?:\d+(:\d+)?: (fatal )?(error|Fehler)\b:? .+/,
  // rustc
  /^error(\[E\d+\])?: (?!test failed|could not compile|\d+ target|process didn|build failed|failed to (get|download|load source)|no matching package|no test target)/,
  // tsc
  /^\S+[(:]\d+[,:]\d+\)?( -|:) error TS\d+: /,
  // go
  /^(\.\/)?[\w./-]+\.go:\d+:\d+: .+/,
  // javac, also as Maven and Gradle print it
  /^(\[ERROR\] )?\S+\.(java|kt|scala|groovy):\[?\d+([,:]\d+)?\]? .+/,
  /^\S+\.(java|kt|scala|groovy):\d+: error: .+/,
  // C#
  /^\S+\(\d+,\d+\): error [A-Z]+\d+: /,
  // linkers
  /undefined reference to |ld: symbol\(s\) not found|ld returned \d+ exit status/,
  // Python, JavaScript, Ruby, PHP
  /^(E\s+)?(\w+\.)*(SyntaxError|IndentationError|TabError|ImportError|ModuleNotFoundError)\b:? /,
  /^(Uncaught )?(SyntaxError|ReferenceError): /,
  /^Error: Cannot find (module|package) |^Error \[ERR_(MODULE_NOT_FOUND|UNKNOWN_FILE_EXTENSION|REQUIRE_ESM|UNSUPPORTED_DIR_IMPORT|PACKAGE_PATH_NOT_EXPORTED)\]/,
  /^(PHP )?Parse error: |syntax error, unexpected |^\S+\.rb:\d+:.*(syntax error|cannot load such file)/,
  // shells
  /^\S+: (line |Zeile )?\d+: (syntax error|Syntaxfehler)/i,
  // bundlers and linters
  /^(ERROR in |✘ \[ERROR\] |× Error:|Module not found: )/,
  /^✖ \d+ problems? \(\d+ errors?/,
  // make, CMake, Gradle
  /^CMake Error/,
  /^Execution failed for task ':.*compile/,
];

/** The lines in which compilers and loaders say what is wrong with the code, in order. */
export function diagnostics(lines: readonly string[]): readonly string[] {
  return lines
    .map((line, index) => (line.startsWith('CMake Error') ? lines.slice(index, index + 4).join(' ') : line))
    .filter((line) => line.length < 2000 && DIAGNOSTICS.some((pattern) => pattern.test(line)));
}
