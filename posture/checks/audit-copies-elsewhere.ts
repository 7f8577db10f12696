import { type Check, notProvided, passUnless } from '../check.js';
import { asSystem } from '../system/as-system.js';
import { isElsewhere } from '../system/is-elsewhere.js';

/** The sealed audit log is copied to another place than this machine, and the copy is not behind. */
export const auditCopiesElsewhere: Check = {
  id: 'audit-copies-elsewhere',
  title: 'The audit log is copied to another place than this machine',
  canWait: true,
  look: async (context) => {
    const copies = await asSystem(
      context,
      (tx) => tx.sql<{ destination: string; failure: string | null; behind: number }[]>`
        select c.destination, c.failure, greatest(0, l.number - c.number)::int as behind
        from platform.checkpoint_copies() c cross join platform.latest_checkpoint() l`,
    );
    const elsewhere: { failure: string | null; behind: number }[] = [];
    for (const copy of copies) {
      if (/^https?:/.test(copy.destination) && (await isElsewhere(copy.destination))) elsewhere.push(copy);
    }
    if (elsewhere.length === 0)
      return notProvided('no bucket and no webhook of another host gets copies: they lie on this machine only');
    const faults = elsewhere.filter(({ failure, behind }) => failure !== null || behind > 5);
    return passUnless(
      faults.map(({ behind }) => `a copy is ${behind} segments behind`),
      `${elsewhere.length} copies elsewhere, none behind`,
    );
  },
};
