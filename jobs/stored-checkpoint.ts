import type { SegmentPlace, SignedLeaf } from '../audit/log/segment.js';
import type { OrgTransaction } from '../db/with-org.js';

/** A checkpoint as the database keeps it. */
export interface StoredCheckpoint extends SegmentPlace {
  /** Size of the deployment's tree, and its size at the checkpoint before. */
  readonly logSize: number;
  readonly fromSize: number;
  readonly note: string;
  /** SHA-256 of the body of its segment, in hex. */
  readonly sha256: string;
}

interface CheckpointRow {
  readonly generation: number;
  readonly number: string;
  readonly log_size: string;
  readonly from_size: string;
  readonly note: string;
  readonly sha256: Buffer;
}

/** Leaves that are read at a time. */
const pageSize = 1000;

/** The newest checkpoint; undefined before the first. */
export async function latestCheckpoint(tx: OrgTransaction): Promise<StoredCheckpoint | undefined> {
  return stored(await tx.sql<CheckpointRow[]>`select * from platform.latest_checkpoint()`);
}

/** The checkpoint that follows another one in the database; number 0 for the first. */
export async function checkpointAfter(
  tx: OrgTransaction,
  { generation, number }: SegmentPlace,
): Promise<StoredCheckpoint | undefined> {
  return stored(await tx.sql<CheckpointRow[]>`select * from platform.checkpoint_after(${generation}, ${number})`);
}

/** The leaves of a segment, in their order there. */
export async function segmentLeaves(tx: OrgTransaction, fromSize: number, logSize: number): Promise<SignedLeaf[]> {
  const ranges = await tx.sql<{ orgId: string; from: string; to: string }[]>`
    select org_id as "orgId", from_index as from, to_index as to from audit.segment_ranges(${fromSize}, ${logSize})`;
  const leaves: SignedLeaf[] = [];
  for (const { orgId, from, to } of ranges) {
    for (let first = Number(from); first < Number(to); first += pageSize) {
      const last = Math.min(first + pageSize, Number(to));
      leaves.push(
        ...(await tx.sql<SignedLeaf[]>`select leaf, signature from audit.leaves_between(${orgId}, ${first}, ${last})`),
      );
    }
  }
  return leaves;
}

function stored([row]: readonly CheckpointRow[]): StoredCheckpoint | undefined {
  if (row === undefined) return undefined;
  return {
    generation: row.generation,
    number: Number(row.number),
    logSize: Number(row.log_size),
    fromSize: Number(row.from_size),
    note: row.note,
    sha256: row.sha256.toString('hex'),
  };
}
