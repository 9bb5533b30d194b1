import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { execaSync } from 'execa';

const root = path.dirname(import.meta.dirname);
const dist = path.join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execaSync(path.join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
const { code } = await bundleWorkflowCode({ workflowsPath: path.join(root, 'workflows', 'index.ts') });
mkdirSync(path.join(dist, 'workflows'), { recursive: true });
writeFileSync(path.join(dist, 'workflows', 'bundle.js'), code);
cpSync(path.join(root, 'worker', 'temporal', 'build'), path.join(dist, 'worker', 'temporal', 'build'), {
  recursive: true,
});
chmodSync(path.join(dist, 'client', 'main.js'), 0o755);
process.stdout.write(`Built ${dist}\n`);
