import { inDeletion, noteRemoved, type RunStep } from './deletion.js';

/**
 * Destroys the keys of the organization's vault, and removes what is sealed with them. Two stores: what was counted is
 * noted after, so a run that is killed in between counts less than there was.
 */
export const deleteVault: RunStep = async ({ operational, vault }, { orgId }) => {
  const rows = await inDeletion(
    vault,
    orgId,
    (tx) => tx.sql<{ name: string; removed: number }[]>`select name, removed::int as removed from vault.delete_rows()`,
  );
  await inDeletion(operational, orgId, async (tx) => {
    for (const { name, removed } of rows) await noteRemoved(tx, 'VAULT', name, removed);
  });
};
