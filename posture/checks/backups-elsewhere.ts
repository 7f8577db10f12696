import { statSync } from 'node:fs';
import { type Check, fail, notProvided, pass } from '../check.js';
import { backupStatus } from '../system/backups.js';

/** Backups do not lie on the disk that they are of. */
export const backupsElsewhere: Check = {
  id: 'backups-elsewhere',
  title: 'Backups lie on another disk or machine',
  canWait: true,
  look: async (context) => {
    const status = await backupStatus(context);
    if (status === undefined)
      return notProvided('nothing was backed up here yet, or PostgreSQL is backed up by others');
    const { home, directories } = context.configuration;
    if (/^https?:/.test(status.place ?? '')) return pass('they are in a bucket');
    const [ofBackups, ofHome] = [directories.backups, home].map(
      (path) => statSync(path, { throwIfNoEntry: false })?.dev,
    );
    if (ofBackups === undefined) return fail('their directory is not there');
    return ofBackups === ofHome
      ? fail('they lie on the disk of home')
      : pass('they lie on another filesystem than home');
  },
};
