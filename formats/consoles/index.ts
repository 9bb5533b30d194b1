import { ava } from './ava.ts';
import { bun } from './bun.ts';
import { cargo } from './cargo.ts';
import { catch2 } from './catch2.ts';
import { ctest } from './ctest.ts';
import { go } from './go.ts';
import { googletest } from './googletest.ts';
import { gotestsum } from './gotestsum.ts';
import { gradle } from './gradle.ts';
import { jest } from './jest.ts';
import { maven } from './maven.ts';
import { mocha } from './mocha.ts';
import { nodeTest } from './node-test.ts';
import { nothing } from './nothing.ts';
import { playwright } from './playwright.ts';
import { prove } from './prove.ts';
import { pytest } from './pytest.ts';
import type { ConsoleReader, Reading } from './reading.ts';
import { shell } from './shell.ts';
import { summaries } from './summaries.ts';
import { tap } from './tap.ts';
import { unittest } from './unittest.ts';
import { vitest } from './vitest.ts';

// In order of how sure a reader can be of its runner.
const readers: readonly ConsoleReader[] = [
  ...[
    pytest,
    jest,
    vitest,
    playwright,
    nodeTest,
    cargo,
    gotestsum,
    go,
    maven,
    gradle,
    ctest,
    unittest,
    mocha,
    bun,
    ava,
  ],
  ...[catch2, googletest, summaries, prove, tap, shell, nothing],
];

/** What the console output of a test runner says, by the first reader that knows it. */
export function readConsole(lines: readonly string[]): Reading | undefined {
  for (const reader of readers) {
    const found = reader(lines);
    if (found !== undefined) return found;
  }
  return undefined;
}
