import { enterFacts } from '../ledger/enter-facts.js';
import { inDeletion, type RunStep } from './deletion.js';

/**
 * Its keys are dead since the request. Waits for those who wrote at that moment, and enters the deletion in the ledger
 * before anything is gone: a database that is put back in time is to lose the organization again.
 */
export const closeOrganization: RunStep = async (context, { orgId, requestedAt }) => {
  await inDeletion(context.operational, orgId, async (tx) => {
    await tx.sql`select platform.await_writers()`;
  });
  await enterFacts(context, [{ event: 'DELETION_BEGUN', organization: orgId, at: requestedAt }]);
};
