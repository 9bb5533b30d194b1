import { access, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { folderName } from '../folders.ts';
import { NO_CREDENTIALS, git } from '../git/host.ts';
import { withLock } from '../git/lock.ts';
import { PullRequestClosed, PullRequestRefused } from './errors.ts';
import type { Forge, ForgeConfig, ForgePullRequest, PullRequestOrder } from './index.ts';

interface Record extends ForgePullRequest {
  readonly title: string;
  readonly body: string;
  readonly branch: string;
  readonly base: string;
}

/** Bare repositories and one readable Markdown file a pull request: a forge without an account. It keeps GitHub's rules. */
export function local({ stateHome, git: host }: ForgeConfig): Forge {
  const folderOf = (url: string): string => path.join(stateHome, 'forge', folderName(url));
  return {
    credentials: () => NO_CREDENTIALS,
    ensurePullRequest: (order) => withLock(folderOf(order.repository.url), () => ensure(order)),
    closePullRequest: ({ repository, branch, marker }, note) =>
      withLock(folderOf(repository.url), () => close(folderOf(repository.url), { branch, marker, note })),
  };

  async function ensure(order: PullRequestOrder): Promise<ForgePullRequest> {
    const { repository, branch } = order;
    const folder = folderOf(repository.url);
    const all = await list(folder);
    const found =
      all.find((record) => record.body.includes(order.marker)) ??
      all.find((record) => record.open && record.branch === branch && record.base === repository.base);
    if (found !== undefined && !found.open)
      throw new PullRequestClosed(`pull request ${found.url} was closed: reopen or delete it, then answer retry`);
    const headSha = await existing(repository.url, branch);
    await existing(repository.url, repository.base);
    const number = found?.number ?? all.reduce((highest, record) => Math.max(highest, record.number), 0) + 1;
    const { title, body, draft } = order;
    return save(folder, {
      number,
      url: path.join(folder, `${number}.md`),
      headSha,
      draft,
      open: true,
      title,
      body,
      branch,
      base: repository.base,
    });
  }

  async function existing(url: string, branch: string): Promise<string> {
    const result = await git(
      host,
      { cwd: url, arguments: ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`] },
      { signal: new AbortController().signal },
    );
    if (result.exitCode !== 0) throw new PullRequestRefused(`${url} has no branch "${branch}"`);
    return result.stdout.trim();
  }
}

async function list(folder: string): Promise<readonly Record[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^\d+\.json$/.test(name));
  return Promise.all(
    names.map(async (name): Promise<Record> => JSON.parse(await readFile(path.join(folder, name), 'utf8'))),
  );
}

async function save(folder: string, record: Record): Promise<Record> {
  const file = path.join(folder, `${record.number}.json`);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const same = await access(file).then(
    async () => (await readFile(file, 'utf8')) === text,
    () => false,
  );
  if (same) return record;
  await mkdir(folder, { recursive: true });
  const state = record.open ? (record.draft ? 'draft' : 'open') : 'closed';
  await writeFile(
    record.url,
    `# ${record.title}\n\n\`${record.branch}\` into \`${record.base}\` · ${state} · head \`${record.headSha}\`\n\n${record.body}`,
  );
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
  return record;
}

async function close(
  folder: string,
  { branch, marker, note }: { branch: string; marker: string; note: string },
): Promise<void> {
  for (const record of await list(folder))
    if (record.open && record.branch === branch && record.body.includes(marker))
      await save(folder, { ...record, open: false, body: `${record.body}\n> Closed: ${note}\n` });
}
