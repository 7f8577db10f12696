import { and, eq } from 'drizzle-orm';
import { detailsOf } from '../../audit/log/leaf.js';
import { hashOfRange, inclusionRanges, type SubtreePlace, subtreesOf } from '../../audit/tree/tree-proof.js';
import type { Identity } from '../../auth/identity.js';
import { arrayLiteral } from '../../db/array-literal.js';
import type { Database } from '../../db/database.js';
import { auditEntries } from '../../db/tables/audit-entries.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

/** What proves that an entry is in the sealed audit log. Hashes are base64. */
export interface AuditProof {
  readonly index: number;
  readonly leaf: string;
  readonly leafSignature: string;
  readonly details: string;
  readonly treeSize: number;
  readonly path: readonly string[];
  readonly headLeaf: string;
  readonly headIndex: number;
  readonly headPath: readonly string[];
  readonly checkpoint: string;
  readonly publicKey: string;
}

/** The newest checkpoint of the deployment. */
export interface AuditCheckpoint {
  readonly generation: number;
  readonly number: number;
  readonly size: number;
  readonly root: string;
  readonly at: Date;
  readonly note: string;
  readonly publicKey: string;
}

interface ProofRow {
  readonly leaf_index: string;
  readonly leaf: string;
  readonly signature: Buffer;
  readonly head_size: string;
  readonly head_index: string;
  readonly head_leaf: string;
  readonly log_size: string;
  readonly note: string;
  readonly verifier_key: string;
}

/**
 * The proof of one entry: its leaf, the way from there to the head of its organization's tree, and from the head to the
 * newest checkpoint. It reads O(log n) hashes.
 * @returns null while no checkpoint covers the entry
 * @throws BulkheadError NOT_FOUND
 */
export async function auditProof(database: Database, identity: Identity, id: string): Promise<AuditProof | null> {
  const entryId = requireUuid(id, 'audit entry');
  return withOrg(database, identity, 'read', async (tx) => {
    const [entry] = await tx.db
      .select()
      .from(auditEntries)
      .where(and(eq(auditEntries.orgId, tx.orgId), eq(auditEntries.id, entryId)));
    if (entry === undefined) throw notFound('audit entry');
    const [row] = await tx.sql<ProofRow[]>`select * from audit.proof_of(${entryId})`;
    if (row === undefined) return null;
    const [index, treeSize, headIndex] = [Number(row.leaf_index), Number(row.head_size), Number(row.head_index)];
    return {
      index,
      leaf: row.leaf,
      leafSignature: row.signature.toString('base64'),
      details: detailsOf(entry),
      treeSize,
      path: await pathOf(tx, { index, size: treeSize, isOfDeployment: false }),
      headLeaf: row.head_leaf,
      headIndex,
      headPath: await pathOf(tx, { index: headIndex, size: Number(row.log_size), isOfDeployment: true }),
      checkpoint: row.note,
      publicKey: row.verifier_key,
    };
  });
}

/** The newest checkpoint; null before the first, some seconds after the first start. */
export async function latestAuditCheckpoint(database: Database, identity: Identity): Promise<AuditCheckpoint | null> {
  const [row] = await withOrg(
    database,
    identity,
    'read',
    (tx) => tx.sql<
      {
        generation: number;
        number: string;
        size: string;
        root: Buffer;
        note: string;
        publicKey: string;
        atMs: string;
      }[]
    >`select generation, number, log_size as size, root, note, verifier_key as "publicKey",
             floor(extract(epoch from at) * 1000)::text as "atMs" from platform.latest_checkpoint()`,
  );
  if (row === undefined) return null;
  const { generation, note, publicKey } = row;
  return {
    generation,
    number: Number(row.number),
    size: Number(row.size),
    root: row.root.toString('base64'),
    at: new Date(Number(row.atMs)),
    note,
    publicKey,
  };
}

/** Places of sealed entries in the tree of their organization; those that are not sealed yet are left out. */
export async function sealedIndexes(tx: OrgTransaction, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.sql<{ id: string; index: string }[]>`
    select entry_id as id, leaf_index as index from audit.indexes_of(${arrayLiteral(ids)}::uuid[])`;
  return new Map(rows.map(({ id, index }) => [id, Number(index)]));
}

async function pathOf(
  tx: OrgTransaction,
  { index, size, isOfDeployment }: { index: number; size: number; isOfDeployment: boolean },
): Promise<string[]> {
  const ranges = inclusionRanges(index, size);
  const places = ranges.flatMap(subtreesOf);
  const rows = await tx.sql<{ level: number; position: string; hash: Buffer }[]>`
    select level, position, hash from audit.subtree_hashes(${isOfDeployment},
      ${arrayLiteral(places.map(({ level }) => String(level)))}::smallint[],
      ${arrayLiteral(places.map(({ position }) => String(position)))}::bigint[])`;
  const hashes = new Map(rows.map(({ level, position, hash }) => [`${level}/${position}`, hash]));
  const hashOf = ({ level, position }: SubtreePlace) => {
    const hash = hashes.get(`${level}/${position}`);
    if (hash === undefined) throw new Error('a subtree of the audit log is not stored');
    return hash;
  };
  return ranges.map((range) => hashOfRange(range, hashOf).toString('base64'));
}
