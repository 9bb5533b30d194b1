import { signature } from '../domain/fingerprint.ts';
import { readJUnit } from '../formats/reports/junit.ts';

// Run as a process of its own, whose memory is nobody else's: prints seconds and the growth of its largest size in megabytes.
const [kind] = process.argv.slice(2);
const message = (number: number): string =>
  `Error: expected ${number} to equal 4\n    at Object.<anonymous> (/tmp/work-${number}/src/pay.test.js:${number}:7)\n    at run (/tmp/work-${number}/node_modules/x/run.js:1:2)\n  took ${number} ms on 127.0.0.1:${3000 + number}`;

function junit(bytes: number): string {
  const cases: string[] = [];
  for (let size = 0; size < bytes; size += cases.at(-1)?.length ?? 0) {
    const number = cases.length;
    const failed =
      number % 10 === 0 ? `<failure message="no">${message(number).replaceAll('<', '&lt;')}</failure>` : '';
    const said = `<system-out>${`INFO order ${number} was paid by card\n`.repeat(8)}</system-out>`;
    const place = `classname="shop.pay.${number % 50}" name="pays ${number}" file="test/pay.test.js" time="0.01"`;
    cases.push(`<testcase ${place}>${failed}${said}</testcase>\n`);
  }
  return `<?xml version="1.0"?>\n<testsuites><testsuite name="shop">\n${cases.join('')}</testsuite></testsuites>\n`;
}

const text = kind === 'junit' ? junit(10 * 1024 * 1024) : '';
const failures = Array.from({ length: 10_000 }, (_, index) => ({
  id: `shop:unit:pays ${index}`,
  message: message(index),
}));
const before = process.resourceUsage().maxRSS;
const started = performance.now();
if (kind === 'junit') readJUnit(text);
else signature(failures);
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ seconds, megabytes: (process.resourceUsage().maxRSS - before) / 1024 }));
