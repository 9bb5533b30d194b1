import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { MARKER } from '../../../activities/process/marked.ts';
import { container } from '../../../activities/sandbox/container.ts';
import { openSandbox } from '../../../activities/sandbox/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { sandboxHostIn } from '../../support/sandbox.ts';

test('a command becomes one in the image, with its folders mounted and its secrets passed by name', async () => {
  const folder = await temporaryFolder();
  const [work, job, tool] = ['work', 'job', 'tool'].map((name) => path.join(folder, name)) as [string, string, string];
  for (const each of [work, job]) await mkdir(each);
  await writeFile(tool, '');
  const host = sandboxHostIn(folder, { kind: 'container', engine: 'podman', image: 'acme/agents:7', network: 'none' });
  const home = path.join(job, 'home');
  const command = {
    ...{ file: '/opt/claude/bin/claude', arguments: ['-p', tool], cwd: work, input: 'the prompt' },
    environment: { PATH: '/usr/bin', HOME: home, ANTHROPIC_API_KEY: 'secret' },
  };
  expect(await container(host)(command, { directory: work, jobDirectory: job })).toEqual({
    ...{ file: 'podman', cwd: work, input: 'the prompt' },
    arguments: [
      ...['run', '--rm', '--interactive', '--init', '--network', 'none'],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...['--user', `${process.getuid?.()}:${process.getgid?.()}`],
      ...['--read-only', '--tmpfs', '/tmp:rw,exec,mode=1777', '--workdir', work],
      ...['--volume', `${job}:${job}:ro`, '--volume', `${tool}:${tool}:ro`],
      ...['--volume', `${work}:${work}`, '--volume', `${home}:${home}`],
      ...['--env', 'ANTHROPIC_API_KEY', '--env', MARKER, '--env', `HOME=${home}`],
      ...['acme/agents:7', 'claude', '-p', tool],
    ],
    environment: { PATH: '/usr/bin', HOME: path.join(folder, 'user'), ANTHROPIC_API_KEY: 'secret' },
  });
});

test('without its engine the container is refused before anything is started', async () => {
  const host = { ...sandboxHostIn('/nowhere', { kind: 'container', image: 'acme/agents:7' }), path: '/nowhere' };
  await expect(openSandbox(host)).rejects.toMatchObject({
    name: 'SandboxUnavailable',
    message: 'the project demands agents in a container, but "docker" is not on PATH: install it',
  });
});
