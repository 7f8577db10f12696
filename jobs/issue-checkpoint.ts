import { randomUUID } from 'node:crypto';
import { newestPlace, readSegmentFile } from '../audit/archive/archive-directory.js';
import { type AuditSigner, formatVerifierKey } from '../audit/audit-key.js';
import { originOf, signCheckpoint } from '../audit/log/checkpoint-note.js';
import { type LogLeaf, logLeaf, logTreeId } from '../audit/log/leaf.js';
import { bodyHash, readSegment, type SegmentPlace, segmentBody } from '../audit/log/segment.js';
import { readTree, rootOf } from '../audit/tree/grow-tree.js';
import { systemIdentity } from '../auth/identity.js';
import { arrayLiteral } from '../db/array-literal.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import type { JobContext } from './job-context.js';
import { openTree, sealingPart, sealLeaves } from './seal-entries.js';
import { latestCheckpoint, type StoredCheckpoint, segmentLeaves } from './stored-checkpoint.js';

type Unplaced<Each> = Each extends LogLeaf ? Omit<Each, 'index'> : never;
type Fork = Omit<Extract<LogLeaf, { type: 'fork' }>, 'index'>;

/**
 * Binds the trees of all organizations that have grown into the tree of the deployment, with the moment, and signs its
 * new root: one transaction. There is always something new, so no two checkpoints have one size.
 *
 * A database that is behind the copies in the directory has been put back in time. It must not sign again what it has
 * signed otherwise before: a new generation begins, whose first leaves record the fork.
 */
export async function issueCheckpoint(context: JobContext, signer: AuditSigner): Promise<SegmentPlace> {
  const identity = systemIdentity(logTreeId, sealingPart, randomUUID());
  const { place, fork } = await withOrg(context.operational, identity, 'write', async (tx) => {
    const tree = await openTree(tx);
    const last = await latestCheckpoint(tx);
    const known = await knownFork(tx, last);
    const fork = forkOf(context.configuration.checkpoints.directory, last) ?? known;
    const place = {
      generation: fork?.generation ?? last?.generation ?? 1,
      number: (last?.number ?? 0) + 1,
    };
    const heads = await headsOf(tx);
    const at = new Date(Math.max(Date.now(), (await lastMoment(tx)) + 1));
    const leaves: Unplaced<LogLeaf>[] = [
      ...heads.map(({ organization, size, root }) => ({ type: 'head', organization, size, root }) as const),
      ...(fork === undefined ? [] : [fork]),
      { type: 'checkpoint', ...place, at: at.toISOString(), previous: last?.sha256 ?? null },
    ];
    const grown = await sealLeaves(
      tx,
      signer,
      tree,
      leaves.map((leaf, offset) => ({ leaf: logLeaf({ ...leaf, index: tree.size + offset }), entryId: null })),
    );
    await tx.sql`select audit.add_heads(${arrayLiteral(heads.map(({ organization }) => organization))}::uuid[],
      ${arrayLiteral(heads.map(({ size }) => String(size)))}::bigint[],
      ${arrayLiteral(heads.map((_, offset) => String(tree.size + offset)))}::bigint[])`;
    const root = rootOf(grown);
    const note = signCheckpoint(signer, { origin: originOf(signer, place.generation), size: grown.size, root });
    const body = segmentBody({ leaves: await segmentLeaves(tx, tree.size, grown.size), note });
    await tx.sql`select platform.add_checkpoint(row(${place.generation}, ${place.number}, ${grown.size}, ${tree.size}, ${root},
      ${note}, ${formatVerifierKey(signer)}, ${Buffer.from(bodyHash(body), 'hex')}, ${at.toISOString()}::timestamptz)::platform.checkpoints)`;
    return { place, fork };
  });
  if (fork !== undefined) {
    const { after, abandoned, generation } = fork;
    context.log.error(
      { after, abandoned, generation },
      'the database is behind its own audit checkpoints: a new generation records the fork',
    );
  }
  return place;
}

/** Trees that have grown since their last head, as they are now. */
async function headsOf(tx: OrgTransaction): Promise<{ organization: string; size: number; root: string }[]> {
  const rows = await tx.sql<{ orgId: string; size: string; frontier: Buffer }[]>`
    select org_id as "orgId", size, frontier from audit.grown_trees()`;
  return rows.map(({ orgId, size, frontier }) => ({
    organization: orgId,
    size: Number(size),
    root: rootOf(readTree(Number(size), frontier)).toString('hex'),
  }));
}

/** Milliseconds of the last checkpoint: the clock of the log does not go backwards with that of the machine. */
async function lastMoment(tx: OrgTransaction): Promise<number> {
  const [row] = await tx.sql<{ at: string }[]>`
    select floor(extract(epoch from at) * 1000)::text as at from platform.latest_checkpoint()`;
  return row === undefined ? 0 : Number(row.at);
}

/**
 * The fork of a database that was put back in time by `bulkhead restore`, where the directory knows no more than it does:
 * what was abandoned is not known.
 */
async function knownFork(tx: OrgTransaction, last: StoredCheckpoint | undefined): Promise<Fork | undefined> {
  const [row] = await tx.sql<{ isFork: boolean }[]>`select platform.take_fork() as "isFork"`;
  if (row?.isFork !== true || last === undefined) return undefined;
  const { generation, number, sha256 } = last;
  const after = { generation, number };
  return { type: 'fork', generation: generation + 1, after, abandoned: { ...after, sha256 } };
}

/** The fork to be recorded, where the directory knows checkpoints that the database does not. */
function forkOf(directory: string, last: StoredCheckpoint | undefined): Fork | undefined {
  const newest = newestPlace(directory);
  if (newest === undefined) return undefined;
  const known = last ?? { generation: 0, number: 0 };
  if (newest.generation < known.generation) return undefined;
  if (newest.generation === known.generation && newest.number <= known.number) return undefined;
  return {
    type: 'fork',
    generation: newest.generation + 1,
    after: { generation: known.generation, number: known.number },
    abandoned: { ...newest, sha256: readSegment(readSegmentFile(directory, newest) ?? '')?.statedHash ?? '' },
  };
}
