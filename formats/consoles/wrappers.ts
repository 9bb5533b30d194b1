// What the tools that start a test command say of its end, whatever it was.
const REMARKS: readonly RegExp[] = [
  /^npm (error|ERR!)( (Lifecycle script .* failed with error:|code (\d+|ELIFECYCLE)|errno \d+|path .*|workspace .*|location .*|command (failed|sh -c .*)|Test failed\. .*|Exit status \d+|\S+@\S+ \S+: `.*`|Failed at the .* script\.|A complete log of this run .*|\s*\S+-debug-\d+\.log))?$/,
  /^make(\[\d+\])?: (\*\*\* \[.*\] \w+ \d+( \(ignored\))?|\*\*\* Waiting for unfinished jobs\.\.\.\.|(Entering|Leaving) directory .*)$/,
  /^(error Command failed with exit code \d+\.|info Visit https:\/\/yarnpkg\.com\/\S* .*|\s*ELIFECYCLE\s+(Command|Test) failed.*)$/,
  /^(error: script "[^"]*" (exited with|was terminated by) .*|\S+ exited with code \d+)$/,
  /^(ERROR: Job failed: .*|section_(start|end):\d+:\w*.*|(##\[error\]|Error: )?Process completed with exit code \d+\.)$/,
  /^(\S+: exit -?\d+ \([\d.]+ seconds\) .*| {2}\S+: (FAIL|OK) .*\([\d.]+(=setup.*)? seconds\)| {2}evaluation failed :\( .*)$/,
  /^(real|user|sys)\t\d+m[\d.,]+s$/,
];

/** The lines without such remarks, so that the last failure does not seem to say them. */
export function unwrapped(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line === '' || !REMARKS.some((remark) => remark.test(line)));
}
