import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startFault } from './start-fault.js';

/** Name of the file by which a home is known to be no whole one yet. */
export const unfinishedMark = '.bulkhead-restore-unfinished';

/** What is in it: a file of that name with anything else in it is somebody else's, and so is all that lies beside it. */
const words = 'A restore into this directory has begun. Where it was killed, give "bulkhead restore" once more.\n';

function markOf(home: string): string {
  return join(home, unfinishedMark);
}

/** Whether a restore into this home was begun and has not come to its end: it goes on, or was killed. */
export function isUnfinished(home: string): boolean {
  const mark = markOf(home);
  return lstatSync(mark, { throwIfNoEntry: false })?.isFile() === true && readFileSync(mark, 'utf8') === words;
}

/** Marks an empty home as one that is being made: everything in it, its data too, is of that restore from here on. */
export function markUnfinished(home: string): void {
  writeFileSync(markOf(home), words, { mode: 0o600, flush: true });
}

/** Takes the mark away: the home is whole, or empty again. */
export function markFinished(home: string): void {
  rmSync(markOf(home), { force: true });
}

/**
 * Refuses a home whose restore was killed: to begin with an empty cluster there would look like the loss of all data.
 * @throws BulkheadError UNAVAILABLE that says what to do
 */
export function requireFinished(home: string): void {
  if (!isUnfinished(home)) return;
  throw startFault(
    `A restore into ${home} was killed before its end, so there is nothing to be started yet: give "bulkhead restore ` +
      '--into" with this directory once more, which begins anew, or name another home.',
  );
}
