import { type Check, fail, notProvided, pass } from '../check.js';
import { backupStatus, repositoryFiles } from '../system/backups.js';

/** Hours that the newest base backup may be old: one is taken every night. */
const maxAgeHours = 26;

/** A whole backup was taken within the last day, verified, and is in the repository where that is to be seen. */
export const baseBackupFresh: Check = {
  id: 'base-backup-fresh',
  title: 'A base backup of the last day is in the repository',
  look: async (context) => {
    const status = await backupStatus(context);
    if (status === undefined)
      return notProvided('nothing was backed up here yet, or PostgreSQL is backed up by others');
    const { base, place } = status;
    if (base === null) return fail('there is no whole backup yet');
    const hours = (context.now.getTime() - base.endedAt.getTime()) / 3_600_000;
    if (hours > maxAgeHours) return fail(`the newest base backup is ${Math.floor(hours)} hours old`);
    if (place === context.configuration.directories.backups) {
      const isThere = repositoryFiles(context).some(
        (file) => /\/base\/\d{8}T\d{6}Z\/description$/.test(file) && file.includes(base.id),
      );
      if (!isThere) return fail('the newest base backup is not in the repository any more');
    }
    return pass(`one of the last ${maxAgeHours} hours is there`);
  },
};
