import { type Check, fail, notProvided, pass } from '../check.js';
import { backupStatus } from '../system/backups.js';

/** Days that the last drill that has passed may be old. */
const maxAgeDays = 35;

/** A backup was restored and verified not long ago, and the last attempt has passed. */
export const drillsPass: Check = {
  id: 'drills-pass',
  title: 'A backup was restored and verified not long ago',
  look: async (context) => {
    const drill = (await backupStatus(context))?.drill;
    if (drill === undefined || drill === null) return notProvided('no backup was ever restored to try it');
    if (!drill.isPassed) return fail('the last drill has failed');
    const days = (context.now.getTime() - (drill.passedAt?.getTime() ?? 0)) / 86_400_000;
    return days <= maxAgeDays
      ? pass(`the last one of ${Math.floor(days)} days ago passed`)
      : fail(`the last one was ${Math.floor(days)} days ago`);
  },
};
