import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CommandSettings } from '../../../domain/environment.ts';

const KEEP = 'mkdir -p envs; echo "$ENVIRONMENT_ID $ENVIRONMENT_NAME $ENVIRONMENT_OWNER" > "envs/$ENVIRONMENT_NAME"';
const LIST = `echo "["; sep=""; for f in envs/*; do [ -e "$f" ] || continue; read id name owner < "$f"; echo "$sep{\\"id\\":\\"$id\\",\\"name\\":\\"$name\\",\\"owner\\":\\"$owner\\",\\"state\\":\\"ready\\",\\"address\\":\\"\\"}"; sep=","; done; echo "]"`;

export interface FileTracker {
  readonly settings: CommandSettings;
  made(): Promise<readonly string[]>;
  /** Makes one as somebody else would. */
  make(name: string, owner: string): Promise<void>;
}

/** A tracker of environments: a file each. It is away while there is a file `away`. */
export async function fileTracker(root: string, name: string): Promise<FileTracker> {
  const directory = path.join(root, name);
  await mkdir(path.join(directory, 'envs'), { recursive: true });
  return {
    settings: {
      ...{ kind: 'command', directory, env: [], health: {}, seconds: 30 },
      commands: {
        provision: `[ ! -e away ] || exit 75; ${KEEP}`,
        deploy: `${KEEP}; echo "commit.api=$API_COMMIT"; echo "commit.web=$WEB_COMMIT"`,
        list: `[ ! -e away ] || exit 75; ${LIST}`,
        destroy: '[ ! -e away ] || exit 75; rm -f "envs/$ENVIRONMENT_NAME"',
      },
    },
    made: () => readdir(path.join(directory, 'envs')),
    make: (name, owner) => writeFile(path.join(directory, 'envs', name), `0123abcd ${name} ${owner}\n`),
  };
}
