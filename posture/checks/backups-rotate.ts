import { type Check, notProvided, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** Hours that the last rotation may be ago: one follows each base backup, of which one is taken every night. */
const maxAgeHours = 26;
/** What is promised to be kept, at least. */
const promised = { windowDays: 30, daily: 6, weekly: 4, monthly: 2 } as const;

/** The rotation was done within the last day, and keeps what is promised. */
export const backupsRotate: Check = {
  id: 'backups-rotate',
  title: 'The rotation of backups runs, and keeps what is promised',
  canWait: true,
  look: async (context) => {
    const [job] = await asSystem(
      context,
      (tx) => tx.sql<{ outcome: string | null; hours: number; failed: number }[]>`
        select last_outcome as outcome, failed::int as failed,
               extract(epoch from ${context.now.toISOString()}::timestamptz - coalesce(last_ended_at, last_started_at))::float8 / 3600 as hours
        from platform.list_jobs() where name = 'rotateBackups'`,
    );
    if (job === undefined || job.outcome === null) return notProvided('no rotation has run yet');
    const { rotation } = context.configuration;
    const kept = Object.keys(promised) as (keyof typeof promised)[];
    return passUnless(
      [
        ...(job.outcome === 'FAILED' || job.failed > 0 ? ['the last rotation has failed'] : []),
        ...(job.hours <= maxAgeHours ? [] : [`the last rotation was ${Math.floor(job.hours)} hours ago`]),
        ...kept
          .filter((name) => rotation[name] < promised[name])
          .map((name) => `${name} is ${rotation[name]}, and ${promised[name]} is promised`),
      ],
      'the last rotation was done within a day, and is set to keep what is promised',
    );
  },
};
