import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { processRuns, processStartTicks } from './process-identity.js';
import { startFault } from './start-fault.js';

/** The right to be the only Bulkhead on a home. */
export interface HomeLock {
  /** Gives the lock back; a second call does nothing. */
  release(): void;
}

/** Name of the lock file in home. */
export const lockFileName = 'bulkhead.pid';

/** A lock file without content is one that is just being written; an older one is the leftover of a crash. */
const maxWriteMs = 2_000;

/**
 * Takes the lock file `<home>/bulkhead.pid` (created with O_EXCL): line 1 the pid, line 2 its start in clock ticks since
 * boot where the system tells it. The leftover of a process that is gone is replaced, also when its pid belongs to
 * another process by now. It knows the processes of this machine only: two containers that share one home do not see
 * each other.
 * @throws BulkheadError CONFLICT when another process, or this one, already holds it; UNAVAILABLE when home cannot be
 * written.
 */
export function lockHome(home: string): HomeLock {
  const file = join(home, lockFileName);
  const own = `${process.pid}\n${processStartTicks(process.pid)}\n`;
  while (!createdAlone(file, own)) {
    const found = readOrUndefined(file);
    if (found === undefined) continue;
    const holder = liveHolder(file, found);
    if (holder !== undefined) {
      throw new BulkheadError(
        'CONFLICT',
        `Bulkhead is already running on ${home}, ${holder}. Stop it first, or start this one with another home.`,
      );
    }
    removeLeftover(file, found);
  }
  let held = true;
  return {
    release() {
      if (held && readOrUndefined(file) === own) rmSync(file, { force: true });
      held = false;
    },
  };
}

/** Pid of the Bulkhead that runs on a home; undefined when none does. */
export function readRunningPid(home: string): number | undefined {
  const file = join(home, lockFileName);
  const content = readOrUndefined(file);
  if (content === undefined || liveHolder(file, content) === undefined) return undefined;
  return Number(content.split('\n')[0]);
}

function createdAlone(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown fault';
    if (code === 'EEXIST') return false;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    // It was made, and could not be filled: as it is it would look as if another start were about to write it.
    if (isFull) rmSync(file, { force: true });
    const remedy = isFull ? 'Make room on its disk' : 'Make its directory writable';
    throw startFault(`The lock file ${file} cannot be written (${code}). ${remedy}.`, error);
  }
}

function liveHolder(file: string, content: string): string | undefined {
  const [pidLine = '', ticks = ''] = content.split('\n');
  const pid = Number(pidLine);
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - written < maxWriteMs ? 'started this moment' : undefined;
  }
  if (!processRuns(pid)) return undefined;
  const now = processStartTicks(pid);
  return ticks === '' || now === '' || ticks === now ? `pid ${pid}` : undefined;
}

/** By rename, which only one process can win: what was meanwhile locked anew by another is put back. */
function removeLeftover(file: string, leftover: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readOrUndefined(aside) === leftover) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return undefined;
    throw startFault(`The lock file ${file} cannot be read (${code}). Start as the user that owns it.`, error);
  }
}
