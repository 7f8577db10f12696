import { type Check, notProvided, passUnless } from '../check.js';
import { asSystem, organizationIds } from '../system/as-system.js';

/** No organization keeps readings longer than it has asked for because its retention was held up. */
export const retentionGoesOn: Check = {
  id: 'retention-goes-on',
  title: 'Retention is held up for no organization',
  deadlineMs: 60_000,
  canWait: true,
  look: async (context) => {
    let count = 0;
    const faults = new Map<string, number>();
    for await (const orgId of organizationIds(context)) {
      count += 1;
      const [row] = await asSystem(
        context,
        (tx) => tx.sql<{ refusal: string | null; days: number }[]>`
          select s.refusal, o.retention_days as days from app.organizations o
          left join app.retention_states s on s.org_id = o.org_id where o.org_id = ${orgId}`,
        orgId,
      );
      if (row?.refusal !== null && row?.refusal !== undefined)
        faults.set(row.refusal, (faults.get(row.refusal) ?? 0) + 1);
    }
    if (count === 0) return notProvided('there is no organization yet');
    return passUnless(
      [...faults].map(([refusal, times]) => `${times} organizations wait for a confirmation (${refusal})`),
      `${count} organizations, each with days of its own`,
    );
  },
};
