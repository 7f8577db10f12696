import { chownSync, mkdirSync } from 'node:fs';
import type { ServerUser } from './run-as.js';

/** Seconds after which PostgreSQL closes a WAL file that is not full, so that it can be archived. */
const archiveTimeoutSeconds = 60;

/** The directory, beside the data, into which PostgreSQL archives its WAL. */
export function walSpoolOf(dataDirectory: string): string {
  return `${dataDirectory}-wal`;
}

/**
 * Makes the spool if it is not there and answers the settings with which PostgreSQL archives into it. `basic_archive`
 * writes a file under another name first, puts it on the disk, and never replaces one.
 */
export function prepareWalSpool(directory: string, user: ServerUser | undefined): Readonly<Record<string, string>> {
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (made !== undefined && user !== undefined) chownSync(directory, user.uid, user.gid);
  return {
    archive_mode: 'on',
    // A cluster that was restored from a server of one's own has the command of that one in its configuration.
    archive_command: '',
    archive_library: 'basic_archive',
    archive_timeout: `${archiveTimeoutSeconds}s`,
    'basic_archive.archive_directory': directory,
  };
}
