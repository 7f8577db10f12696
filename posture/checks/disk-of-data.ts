import { type Check, notProvided } from '../check.js';
import { encryptionAtRest } from '../system/encryption-at-rest.js';

/** Rows, readings, queue and write-ahead log lie on an encrypted disk. */
export const diskOfData: Check = {
  id: 'disk-of-data',
  title: 'The data directory of PostgreSQL lies on an encrypted disk',
  canWait: true,
  look: async ({ operational, systemRoot }) => {
    const [row] = await operational.ask<{ directory: string | null }>(
      `select current_setting('data_directory', true) as directory where pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')`,
    );
    const directory = row?.directory;
    if (directory === undefined || directory === null)
      return notProvided('PostgreSQL does not say where its data lies');
    return encryptionAtRest(systemRoot, directory);
  },
};
