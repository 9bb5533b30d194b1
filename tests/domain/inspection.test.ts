import { expect, test } from '@jest/globals';
import { refusedInspection } from '../../domain/inspection.ts';

const host = { isolated: false, hosts: ['api', 'db'], origins: ['http://127.0.0.1:4000'], allowed: [] };
const machine = { ...host, isolated: true };
const words = (line: string): string[] => line.split(' ');

test.each([
  'cat app.log',
  'tail -n 50 logs/app.log',
  'head -c20 ./a.txt',
  'grep -n -A 3 -i ERROR: app.log other.log',
  'grep /etc/passwd app.log',
  'ls -la',
  'find . -name *.db -size +1k -not -empty',
  'du -sh var',
  'date -u',
  'curl -sS -m 5 http://127.0.0.1:4000/orders?limit=5&page=2',
])('"%s" only reads, in a service of any provider', (line) => {
  expect([refusedInspection(words(line), host), refusedInspection(words(line), machine)]).toEqual([
    undefined,
    undefined,
  ]);
});

test.each([
  'cat /var/log/app.log',
  'find / -name core',
  'ps -ef',
  'ps aux',
  'ss -tlnp',
  'nslookup db',
  'curl -i http://db:8080/health',
  'curl -s http://localhost:9000',
])('"%s" only reads where a service has a machine of its own, and is refused on the host itself', (line) => {
  expect(refusedInspection(words(line), machine)).toBeUndefined();
  expect(refusedInspection(words(line), host)).toEqual(expect.any(String));
});

test.each([
  ['rm -rf data', '"rm" is not known to only read here: use cat, head, tail, '],
  ['sh -c id', '"sh" is not known'],
  ['env', '"env" is not known'],
  ['/bin/cat app.log', '"/bin/cat" is not known'],
  ['tail -f app.log', '"tail" is not run with "-f" here'],
  ['find . -delete', '"find" is not run with "-delete" here'],
  ['find . -name x -exec rm {} ;', '"find" is not run with "-exec" here'],
  ['find . -fprint x', '"find" is not run with "-fprint" here'],
  ['grep -r key .', '"grep" is not run with "-r" here'],
  ['grep -f patterns app.log', '"grep" is not run with "-f" here'],
  ['grep --include=x -e key app.log', '"grep" is not run with "--include=x" here'],
  ['ps e', '"ps" takes no "e" here'],
  ['ps auxe', '"ps" takes no "auxe" here'],
  ['ss -K', '"ss" is not run with "-K" here'],
  ['date 010100002030', '"date" takes no "010100002030" here'],
  ['hostname other', '"hostname" takes no "other" here'],
  ['cat ../secret', '"../secret" leads out of where it starts'],
  ['cat a/../../secret', 'leads out of where it starts'],
  ['cat /proc/1/environ', '"/proc/1/environ" may hold secrets'],
  ['cat //proc/./1/environ', 'may hold secrets'],
  ['cat proc/1/environ', 'may hold secrets'],
  ['cat /run/secrets/token', 'may hold secrets'],
  ['cat /var/run/secrets/kubernetes.io/serviceaccount/token', 'may hold secrets'],
  ['curl -X POST http://api/orders', '"curl" is not run with "-X" here'],
  ['curl -d x http://api/orders', '"curl" is not run with "-d" here'],
  ['curl -o file http://api/', '"curl" is not run with "-o" here'],
  ['curl -L http://api/', '"curl" is not run with "-L" here'],
  ['curl http://169.254.169.254/latest', '"http://169.254.169.254/latest" is none of the environment\'s addresses: '],
  ['curl http://api@evil.example/', 'is none of the environment'],
  [String.raw`curl http://api\@evil.example/`, 'is none of the environment'],
  ['curl http://{api,evil.example}/', 'is none of the environment'],
  ['curl file:///etc/passwd', 'is none of the environment'],
  ['curl evil.example', 'is none of the environment'],
  ['nslookup -type=any x', '"nslookup" is not run with "-type=any" here'],
  ['nslookup x;id', '"x;id" is no host name'],
  ['', '"" is not known to only read here'],
])('"%s" is refused with what is wrong', (line, why) => {
  expect(refusedInspection(words(line), machine)).toContain(why);
});

test('on the host itself paths stay in the folder of the service, and addresses are those of the environment', () => {
  expect([
    refusedInspection(['cat', '/etc/passwd'], host),
    refusedInspection(['curl', 'http://127.0.0.1:2375/containers/json'], host),
    refusedInspection(['curl', 'http://127.0.0.1:4000'], { ...host, origins: [] }),
  ]).toEqual([
    '"/etc/passwd" lies outside of the service\'s folder: paths are relative to it',
    '"http://127.0.0.1:2375/containers/json" is none of the environment\'s addresses: http://127.0.0.1:4000',
    '"http://127.0.0.1:4000" is none of the environment\'s addresses: it has none',
  ]);
});

test('the project allows more, word by word', () => {
  const place = { ...host, allowed: ['redis-cli info', ' npm   ls  * '] };
  const refused = (line: string): boolean => refusedInspection(words(line), place) !== undefined;
  expect(
    ['redis-cli info', 'npm ls', 'npm ls --depth 0', 'redis-cli', 'redis-cli info all', 'npm lsx', 'npm'].map(refused),
  ).toEqual([false, false, false, true, true, true, true]);
  expect(refusedInspection(['redis-cli'], place)).toContain(
    "or one of the project's own: redis-cli info;  npm   ls  * ",
  );
});
