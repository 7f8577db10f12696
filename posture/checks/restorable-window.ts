import { type Check, fail, notProvided, pass } from '../check.js';
import { backupStatus } from '../system/backups.js';

const windowDays = 35;
/** Days that the first base backup may be later than the cluster. */
const graceDays = 1.1;
/** Minutes that the last moment that can be restored may be behind: WAL is stored every minute. */
const maxBehindMinutes = 5;

/** The moments of the last 35 days can be restored, up to now; of a younger deployment all since its first backup. */
export const restorableWindow: Check = {
  id: 'restorable-window',
  title: 'Every moment of the last 35 days can be restored',
  look: async (context) => {
    const status = await backupStatus(context);
    if (status === undefined)
      return notProvided('nothing was backed up here yet, or PostgreSQL is backed up by others');
    const { from, until } = status.restorable;
    if (from === null || until === null) return fail('no moment can be restored yet');
    const behind = (context.now.getTime() - until.getTime()) / 60_000;
    if (behind > maxBehindMinutes) return fail(`the last ${Math.floor(behind)} minutes cannot be restored`);
    // The upper half of the identifier of a cluster is the second in which it was made.
    const [cluster] = await context.operational.ask<{ made: number }>(
      `select (system_identifier >> 32)::float8 as made from pg_control_system()`,
    );
    const ageDays = (context.now.getTime() / 1000 - (cluster?.made ?? 0)) / 86_400;
    const days = (context.now.getTime() - from.getTime()) / 86_400_000;
    return days >= Math.min(windowDays, ageDays - graceDays)
      ? pass(`${Math.floor(days)} days back, and up to now`)
      : fail(`only ${Math.floor(days)} days back`);
  },
};
