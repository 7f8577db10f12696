import { setTimeout as delay } from 'node:timers/promises';
import { type Launch, LaunchFailure, launchPostmaster } from './launch-postmaster.js';
import type { Postmaster } from './postmaster.js';
import { startFault } from './start-fault.js';

/** Children of a killed postmaster end by themselves, one in the middle of a long statement when that is done. */
const maxLeftoverMs = 60_000;
const retryMs = 200;

/** What PostgreSQL says (in English: we start it with LC_ALL=C) while children of its predecessor still run. */
const leftover = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;

/**
 * Starts PostgreSQL; while children of a killed predecessor still hold its shared memory, tries again for up to 60 s.
 * @throws BulkheadError UNAVAILABLE with the last 20 lines of PostgreSQL's log when it does not start.
 */
export async function startPostmaster(launch: Launch): Promise<Postmaster> {
  const deadline = Date.now() + maxLeftoverMs;
  let waiting = false;
  for (;;) {
    try {
      return await launchPostmaster(launch);
    } catch (error) {
      if (!(error instanceof LaunchFailure)) throw error;
      if (!leftover.test(error.tail) || Date.now() > deadline) throw described(launch, error);
      if (!waiting) launch.log('Waiting for processes of the PostgreSQL that was killed to end');
      waiting = true;
      await delay(retryMs);
    }
  }
}

function described(launch: Launch, failure: LaunchFailure): Error {
  return startFault(
    `${failure.message} before it was ready. ${advice(launch, failure.tail)} It said:\n${failure.tail}`,
    failure,
  );
}

function advice(launch: Launch, tail: string): string {
  if (/could not bind|could not create any TCP\/IP sockets/.test(tail)) {
    return 'Its port was taken by another program in this moment: start again, a free one is then chosen.';
  }
  if (leftover.test(tail)) {
    return `Processes of an earlier PostgreSQL still use ${launch.dataDirectory}: end them, then start again.`;
  }
  if (/No space left on device|could not write/i.test(tail)) return 'The disk is full or cannot be written: make room.';
  if (/unrecognized configuration parameter|invalid value for parameter/.test(tail)) {
    return 'A setting that was given to it is wrong: correct it.';
  }
  return `Its whole log is ${launch.logFile}.`;
}
