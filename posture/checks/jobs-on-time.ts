import { type Check, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** Minutes that a scheduled run may be late. */
const maxLateMinutes = 5;

/** What ends by schedule does so: no scheduled job is late, none has failed the last time. */
export const jobsOnTime: Check = {
  id: 'jobs-on-time',
  title: 'Scheduled jobs run, and on time',
  canWait: true,
  look: async (context) => {
    const jobs = await asSystem(
      context,
      (tx) => tx.sql<{ name: string; isLate: boolean; outcome: string | null }[]>`
        select name, next_run_at < ${context.now.toISOString()}::timestamptz - make_interval(mins => ${maxLateMinutes}) as "isLate",
               last_outcome as outcome
        from platform.list_jobs() where schedule is not null`,
    );
    const faults = jobs.flatMap(({ name, isLate, outcome }) => [
      ...(isLate ? [`${name} is late`] : []),
      ...(outcome === 'FAILED' ? [`the last run of ${name} has failed`] : []),
    ]);
    if (jobs.length === 0) faults.push('no worker has ever noted a schedule');
    return passUnless(faults, `${jobs.length} schedules, none late, no last run failed`);
  },
};
