import { setTimeout as delay } from 'node:timers/promises';
import { pingServer } from './ping-server.js';
import { disownPostmasterFile, isReady, type PostmasterFile, readPostmasterFile } from './postmaster-file.js';
import { processExists, processRuns, servesDataDirectory } from './process-identity.js';
import type { ServerUser } from './run-as.js';
import type { ServerRecord } from './server-record.js';
import { startFault } from './start-fault.js';

/** A server that says it is ready, or a dead one that nobody reaps, is waited for so long. */
const maxWaitMs = 30_000;
const pollMs = 50;

/**
 * The pid of the PostgreSQL that still serves this data directory because the process that started it was killed;
 * undefined when none does and a new one can be started: one on its way down, or dead but not yet reaped, is waited
 * for, and a pid that another program has by now is taken out of postmaster.pid.
 * @throws BulkheadError UNAVAILABLE when a process holds the directory for 30 s and does not answer as ours.
 */
export async function findRunning(record: ServerRecord, user: ServerUser | undefined): Promise<number | undefined> {
  const { dataDirectory } = record;
  let deadline = Date.now() + maxWaitMs;
  for (;;) {
    const file = readPostmasterFile(dataDirectory);
    if (file === undefined || !processExists(file.pid)) return undefined;
    if (processRuns(file.pid)) {
      if (servesDataDirectory(file.pid, dataDirectory, user?.uid ?? process.getuid?.()) === false) {
        disownPostmasterFile(dataDirectory, user);
        return undefined;
      }
      if (isReady(file)) {
        if (await answersAsOurs(record)) return file.pid;
      } else deadline = Date.now() + maxWaitMs;
    }
    if (Date.now() > deadline) throw occupied(record, file);
    await delay(pollMs);
  }
}

async function answersAsOurs(record: ServerRecord): Promise<boolean> {
  const answer = await pingServer(record);
  if (answer !== 'refused') return answer === 'ours';
  throw startFault(
    `PostgreSQL in ${record.dataDirectory} refuses the password in postgres.json of home: restore that file from a copy.`,
  );
}

function occupied(record: ServerRecord, file: PostmasterFile): Error {
  return startFault(
    `${record.dataDirectory} is in use by process ${file.pid}, which does not answer as its PostgreSQL on port ` +
      `${record.port}. If it is PostgreSQL, stop it (kill -INT ${file.pid}); if it is another program, delete ` +
      `${record.dataDirectory}/postmaster.pid.`,
  );
}
