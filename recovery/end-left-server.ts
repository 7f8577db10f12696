import { watchPostmaster } from '../db/embedded/postmaster.js';
import { readPostmasterFile } from '../db/embedded/postmaster-file.js';
import { processRuns, servesDataDirectory } from '../db/embedded/process-identity.js';

/**
 * Ends at once the PostgreSQL of a data directory that is going to be removed, which a killed process may have left
 * running; settles when it is gone.
 */
export async function endLeftServer(dataDirectory: string): Promise<void> {
  const pid = readPostmasterFile(dataDirectory)?.pid;
  if (pid === undefined || !processRuns(pid) || servesDataDirectory(pid, dataDirectory, undefined) !== true) return;
  // What watches it does not keep a process alive.
  const alive = setInterval(() => {}, 1_000);
  try {
    process.kill(pid, 'SIGQUIT');
    await watchPostmaster(pid).gone;
  } finally {
    clearInterval(alive);
  }
}
