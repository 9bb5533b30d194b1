// A line each: how compilers, loaders, type checkers and linters report what they cannot accept.
const DIAGNOSTICS: readonly RegExp[] = [
  // gcc, clang, swiftc, ghc, kotlinc, go vet: file:line:column: error: …
  /^\S+?:\d+(:\d+)?: (fatal )?(error|Error|Fehler)\b:? .+/,
  // rustc, with the place in the next line, and cargo
  /^error(\[E\d+\])?: .+ --> /,
  /^error: (could not compile|could not find `Cargo.toml`|failed to parse manifest|cannot find macro|unresolved import)/,
  // tsc
  /^\S+[(:]\d+[,:]\d+\)?( -|:) error TS\d+: /,
  // go
  /^(\.\/)?[\w./-]+\.go:\d+:\d+: .+/,
  // javac, also as Maven and Gradle print it
  /^(\[ERROR\] )?\S+\.(java|kt|scala|groovy):\[?\d+([,:]\d+)?\]? .+/,
  /^\S+\.(java|kt|scala|groovy):\d+: error: .+/,
  // Kotlin, Scala, Elixir, Perl
  /^e: (file:\/\/)?\S+:\d+:\d+:? /,
  /^\[error\] \S+:\d+(:\d+)?: /,
  /^\*\* \((CompileError|SyntaxError|TokenMissingError)\)/,
  /^(syntax error at|Can't locate) \S+ .*line \d+/,
  // Erlang, whose warnings begin with a capital; R
  /^\S+\.[ehxy]rl:\{?\d+[:,]\d+\}?: [a-z'].+/,
  /^(\s*\S+\.[Rr]:\d+:\d+: unexpected |Error in .*there is no package called )/,
  // Lua, also as busted quotes it
  /^(\S+: |Error -> |Failure message: )?\S+\.lua:\d+: (.* near |module '[^']+' not found)/,
  // flake8, Ruff, Pylint
  /^\S+\.\w+:\d+:\d+: [A-Z]{1,4}\d{2,4}\b/,
  // C#
  /^\S+\(\d+,\d+\): error [A-Z]+\d+: /,
  // linkers
  /undefined reference to |ld: symbol\(s\) not found|ld returned \d+ exit status/,
  // Python, JavaScript, Ruby, PHP
  /^(E\s+)?(\w+\.)*(SyntaxError|IndentationError|TabError|ImportError|ModuleNotFoundError)\b:? /,
  /^(error: )?(Uncaught )?(\(in promise\) )?(SyntaxError|ReferenceError): /,
  /^TS\d+ \[ERROR\]: |^error: (Module not found|The module's source code could not be parsed)\b/,
  /^(.*: )?Error: Cannot find (module|package) |^(.*: )?Error \[ERR_(MODULE_NOT_FOUND|UNKNOWN_FILE_EXTENSION|REQUIRE_ESM|UNSUPPORTED_DIR_IMPORT|PACKAGE_PATH_NOT_EXPORTED)\]/,
  /^(PHP )?Parse error: |syntax error, unexpected |^\S+:\d+:.*(syntax error|cannot load such file|\((SyntaxError|LoadError)\)$)/,
  /^(PHP )?Fatal error: +(Uncaught ParseError|.*Failed opening required|Cannot (re)?declare |Class \S+ (not found|contains))/,
  // shells
  /^\S+: (line |Zeile )?\d+: (syntax error|Syntaxfehler)/i,
  // bundlers and linters
  /^(ERROR in |✘ \[ERROR\] |× Error:|Module not found: )/,
  /^✖ \d+ problems? \([1-9]\d* errors?/,
  /^\s+\d+:\d+\s+error\s+.+\s{2,}\S+$/,
  // make, CMake, Gradle
  /^CMake Error/,
  /^Execution failed for task ':.*compile/,
];

// Messages that go on below: how many lines to read together.
const SPREAD: readonly (readonly [RegExp, number])[] = [
  [/^CMake Error/, 4],
  [/^error: could not /, 1],
  [/^error(\[E\d+\])?: /, 2],
];

/** The lines in which compilers and loaders say what is wrong with the code, in order. */
export function diagnostics(lines: readonly string[]): readonly string[] {
  return lines
    .map((line, index) => lines.slice(index, index + (SPREAD.find(([start]) => start.test(line))?.[1] ?? 1)).join(' '))
    .filter((line) => line.length < 2000 && DIAGNOSTICS.some((pattern) => pattern.test(line)));
}
