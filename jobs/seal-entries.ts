import { randomUUID } from 'node:crypto';
import { type AuditSigner, signStatement } from '../audit/audit-key.js';
import { entryLeaf, type StoredEntry } from '../audit/log/leaf.js';
import { frontierBytes, growTree, readTree, type Tree } from '../audit/tree/grow-tree.js';
import { leafHash } from '../audit/tree/tree-hash.js';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { arrayLiteral } from '../db/array-literal.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import type { JobContext } from './job-context.js';

/** Part of the system that seals, as in `pg_stat_activity` and errors. */
export const sealingPart = 'sealing';

/** Entries that are sealed in one transaction at most. */
const batchSize = 1000;

/** A leaf that is about to be sealed. */
export interface NewLeaf {
  readonly leaf: string;
  /** Entry that it seals; null in the tree of the deployment. */
  readonly entryId: string | null;
}

/** Organizations with entries that wait to be sealed. */
export async function organizationsToSeal(context: JobContext): Promise<string[]> {
  const identity = systemIdentity(deploymentOrgId, sealingPart, randomUUID());
  const rows = await withOrg(
    context.operational,
    identity,
    'read',
    (tx) => tx.sql<{ orgId: string }[]>`select org_id as "orgId" from platform.unsealed_organizations()`,
  );
  return rows.map(({ orgId }) => orgId);
}

/**
 * Seals the oldest entries of one organization that wait for it, at most 1,000, in one transaction. The row of the tree
 * is locked meanwhile: whoever else seals waits, and finds them sealed.
 * @returns the number of entries
 */
export async function sealEntries(context: JobContext, signer: AuditSigner, orgId: string): Promise<number> {
  const identity = systemIdentity(orgId, sealingPart, randomUUID());
  return withOrg(context.operational, identity, 'write', async (tx) => {
    const tree = await openTree(tx);
    const entries = await tx.sql<StoredEntry[]>`
      select id, at, actor_type as "actorType", actor_id as "actorId", action, resource, outcome, code,
             client_address as "clientAddress", request_id as "requestId", change, salt
      from audit.unsealed(${batchSize})`;
    const leaves = entries.map((entry, at) => ({ leaf: entryLeaf(orgId, tree.size + at, entry), entryId: entry.id }));
    if (leaves.length > 0) await sealLeaves(tx, signer, tree, leaves);
    return leaves.length;
  });
}

/** The tree of the transaction's organization, or of the deployment, locked until the transaction ends. */
export async function openTree(tx: OrgTransaction): Promise<Tree> {
  const [row] = await tx.sql<{ size: string; frontier: Buffer }[]>`select size, frontier from audit.open_tree()`;
  if (row === undefined) throw new Error('the tree could not be opened');
  return readTree(Number(row.size), row.frontier);
}

/** Appends leaves to an opened tree, each signed. */
export async function sealLeaves(
  tx: OrgTransaction,
  signer: AuditSigner,
  tree: Tree,
  leaves: readonly NewLeaf[],
): Promise<Tree> {
  const grown = growTree(
    tree,
    leaves.map(({ leaf }) => leafHash(leaf)),
  );
  const signatures = Buffer.concat(leaves.map(({ leaf }) => signStatement(signer, 'audit-leaf', leaf)));
  const { completed } = grown;
  await tx.sql`select audit.seal(${tree.size},
    ${arrayLiteral(leaves.map(({ entryId }) => entryId))}::uuid[],
    ${arrayLiteral(leaves.map(({ leaf }) => leaf))}::text[], ${signatures},
    ${arrayLiteral(completed.map(({ level }) => String(level)))}::smallint[],
    ${arrayLiteral(completed.map(({ position }) => String(position)))}::bigint[],
    ${Buffer.concat(completed.map(({ hash }) => hash))}, ${frontierBytes(grown.tree)})`;
  return grown.tree;
}
