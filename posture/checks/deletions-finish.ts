import { type Check, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';

/** No deletion of an organization has been left behind by the jobs that do it. */
export const deletionsFinish: Check = {
  id: 'deletions-finish',
  title: 'Deletions of organizations are finished or under way',
  canWait: true,
  look: async (context) => {
    const left = await asSystem(
      context,
      (tx) => tx.sql<{ id: string }[]>`select o as id from platform.unfinished_deletions() o`,
    );
    return passUnless(left.length === 0 ? [] : [`${left.length} deletions that no job is at`], 'none was left behind');
  },
};
