import { closeSync, fchownSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerUser } from './run-as.js';

/** What PostgreSQL says of itself in `postmaster.pid` of its data directory. */
export interface PostmasterFile {
  readonly pid: number;
  /** Line 8: `starting`, `ready`, `standby`, `stopping`, or empty before it is written (PostgreSQL's pidfile.h). */
  readonly status: string;
}

/** Reads postmaster.pid; undefined when no server runs and none has crashed. */
export function readPostmasterFile(dataDirectory: string): PostmasterFile | undefined {
  try {
    const lines = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

/** Whether that server takes connections. */
export function isReady(file: PostmasterFile | undefined): boolean {
  return file?.status === 'ready' || file?.status === 'standby';
}

/**
 * For a postmaster.pid whose pid belongs to another program by now, which would make PostgreSQL refuse to start: names
 * our own pid instead, which PostgreSQL ignores as that of its parent. Deleting the file would be simpler, but would
 * also take away its guard against children of the crashed server (the shared memory on line 7).
 */
export function disownPostmasterFile(dataDirectory: string, user: ServerUser | undefined): void {
  const file = join(dataDirectory, 'postmaster.pid');
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  // Made anew instead of overwritten: the directory is the server's, and root must not write through a link in it.
  rmSync(file);
  const descriptor = openSync(file, 'wx', 0o600);
  writeFileSync(descriptor, [process.pid, ...rest].join('\n'));
  if (user !== undefined) fchownSync(descriptor, user.uid, user.gid);
  closeSync(descriptor);
}
