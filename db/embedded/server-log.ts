import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** Length of PostgreSQL's log at which it is moved to `<file>.1`: both together stay near 32 MiB. */
const maxLogBytes = 16 * 1024 * 1024;
/** More than 20 lines ever take. */
const maxTailBytes = 16 * 1024;

/**
 * Keeps PostgreSQL's log bounded: a long one is copied to `<file>.1`, then emptied. The server goes on writing, since it
 * has the file open for appending; what it writes between the two steps is lost.
 */
export function shortenLog(file: string): void {
  if (logBytes(file) < maxLogBytes) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
}

/** Length of the log in bytes, 0 when there is none. */
export function logBytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines, at most 20, that were written to the log behind the given length. */
export function logTail(file: string, fromByte: number): string {
  const start = Math.max(fromByte, logBytes(file) - maxTailBytes);
  const buffer = Buffer.alloc(maxTailBytes);
  const descriptor = openSync(file, 'r');
  try {
    const length = readSync(descriptor, buffer, 0, maxTailBytes, start);
    return buffer.toString('utf8', 0, length).trimEnd().split('\n').slice(-20).join('\n');
  } finally {
    closeSync(descriptor);
  }
}
