import { startModel } from '../tests/support/model/messages.ts';

// A model in a process of its own: five commands, two seconds each, then the report. Prints its address; ends with its standard input.
const TURNS = 5;
const model = await startModel((turn) =>
  turn < TURNS
    ? { tools: [{ name: 'Bash', input: { command: `sleep 2; echo ${turn} >> turns` } }] }
    : { tools: [{ name: 'StructuredOutput', input: { status: 'done', summary: 'slept' } }] },
);
process.stdout.write(`${model.url}\n`);
for await (const ignored of process.stdin) void ignored;
await model.stop();
