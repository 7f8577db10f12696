import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, notProvided } from '../check.js';
import { encryptionAtRest } from '../system/encryption-at-rest.js';

/** Seconds between what PostgreSQL writes down of its start and what it says of it, at most. */
const maxApartSeconds = 10;

/** Rows, readings, queue and write-ahead log lie on an encrypted disk. */
export const diskOfData: Check = {
  id: 'disk-of-data',
  title: 'The data directory of PostgreSQL lies on an encrypted disk',
  canWait: true,
  look: async ({ operational, systemRoot }) => {
    const [row] = await operational.ask<{ directory: string | null; started: number }>(`
      select current_setting('data_directory', true) as directory,
             extract(epoch from pg_postmaster_start_time())::float8 as started
      where pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')`);
    const directory = row?.directory;
    if (row === undefined || directory === undefined || directory === null)
      return notProvided('PostgreSQL does not say where its data lies');
    const startedHere = startOf(directory);
    if (startedHere === undefined || Math.abs(startedHere - row.started) > maxApartSeconds)
      return notProvided('PostgreSQL runs on another machine, or its directory cannot be seen by this user');
    return encryptionAtRest(systemRoot, directory);
  },
};

/** Second since 1970 in which the server of a directory was started: the third line of its `postmaster.pid`. */
function startOf(directory: string): number | undefined {
  try {
    return Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')[2]);
  } catch {
    return undefined;
  }
}
