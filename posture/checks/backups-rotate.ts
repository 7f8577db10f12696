import { type Check, notProvided, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** The rotation, which keeps what is promised and removes the rest, has not failed the last time. */
export const backupsRotate: Check = {
  id: 'backups-rotate',
  title: 'The rotation of backups runs',
  canWait: true,
  look: async (context) => {
    const [job] = await asSystem(
      context,
      (tx) => tx.sql<{ outcome: string | null; failed: number }[]>`
        select last_outcome as outcome, failed::int as failed from platform.list_jobs() where name = 'rotateBackups'`,
    );
    if (job === undefined || job.outcome === null) return notProvided('no rotation has run yet');
    const isBroken = job.outcome === 'FAILED' || job.failed > 0;
    return passUnless(isBroken ? ['the last rotation has failed'] : [], 'the last rotation was done');
  },
};
