import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps what belongs to one version of PostgreSQL. */
const debianFolder = '/usr/lib/postgresql';

/** pgbench as it is installed. */
export interface Pgbench {
  readonly path: string;
  /** As it says of itself, e.g. `15.18`. */
  readonly version: string;
}

/** The pgbench of the PATH, else the newest one of Debian's packages; npm brings none. */
export function findPgbench(path = process.env['PATH'] ?? ''): Pgbench | undefined {
  const newestFirst = existsSync(debianFolder)
    ? readdirSync(debianFolder).sort((one, other) => Number(other) - Number(one))
    : [];
  const folders = [...path.split(delimiter), ...newestFirst.map((version) => join(debianFolder, version, 'bin'))];
  const found = folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file));
  if (found === undefined) return undefined;
  const version = /\d+(\.\d+)*/.exec(execFileSync(found, ['--version'], { encoding: 'utf8' }))?.[0] ?? 'unknown';
  return { path: found, version };
}
