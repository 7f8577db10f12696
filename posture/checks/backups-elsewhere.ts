import { statSync } from 'node:fs';
import { type Check, fail, notProvided, pass } from '../check.js';
import { backupStatus } from '../system/backups.js';
import { isElsewhere } from '../system/is-elsewhere.js';

/** Backups do not lie on the machine that they are of. */
export const backupsElsewhere: Check = {
  id: 'backups-elsewhere',
  title: 'Backups lie on another machine',
  canWait: true,
  look: async (context) => {
    const status = await backupStatus(context);
    if (status === undefined)
      return notProvided('nothing was backed up here yet, or PostgreSQL is backed up by others');
    const { home, directories } = context.configuration;
    if (/^https?:/.test(status.place ?? '')) {
      return (await isElsewhere(status.place ?? ''))
        ? pass('they are in a bucket of another host')
        : fail('their bucket is on this machine');
    }
    const [ofBackups, ofHome] = [directories.backups, home].map(
      (path) => statSync(path, { throwIfNoEntry: false })?.dev,
    );
    if (ofBackups === undefined) return fail('their directory is not there');
    return ofBackups === ofHome
      ? fail('they lie on the disk of home')
      : notProvided('they lie on another filesystem than home: whether on another machine cannot be seen');
  },
};
