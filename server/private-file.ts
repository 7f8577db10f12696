import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncDirectory } from '../audit/sync-directory.js';
import { startFault } from '../db/embedded/start-fault.js';

/** Permissions of group and others: a private file has none. */
const foreignPermissions = 0o077;

/**
 * Reads a file that only its owner may read; undefined when there is none.
 * @throws BulkheadError UNAVAILABLE when group or others may read it, or it cannot be read
 */
export function readPrivateFile(file: string): Buffer | undefined {
  try {
    const { mode } = statSync(file);
    if (process.platform !== 'win32' && (mode & foreignPermissions) !== 0) {
      throw startFault(
        `${file} is a secret that other users of this machine can read. If that was a mistake, "chmod 600" it; ` +
          'if they may have read it, replace it too.',
      );
    }
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return undefined;
    if (code === undefined || error instanceof Error === false || !('syscall' in error)) throw error;
    throw startFault(`${file} cannot be read (${code}). Start as the user that owns it.`, error);
  }
}

/**
 * Makes a private file (0600) that is not there yet: whole or not at all, and never over another one.
 * @throws BulkheadError UNAVAILABLE when it is already there or cannot be written
 */
export function createPrivateFile(file: string, content: string | Buffer): void {
  // Of its own: whoever makes the same file at once would change what is linked.
  const draft = `${file}.${randomUUID()}.new`;
  try {
    try {
      writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
      linkSync(draft, file);
    } finally {
      rmSync(draft, { force: true });
    }
    syncDirectory(dirname(file));
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * Writes a private file (0600) over an earlier one: whole or not at all.
 * @throws BulkheadError UNAVAILABLE when it cannot be written
 */
export function replacePrivateFile(file: string, content: string): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flush: true });
    renameSync(draft, file);
    syncDirectory(dirname(file));
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown fault';
  return startFault(`${file} cannot be written (${code}). Give its directory to the user that runs Bulkhead.`, error);
}
