import { randomUUID } from 'node:crypto';
import { putSegment } from '../audit/archive/archive-bucket.js';
import { newestPlace, type Written, writeLatestNote, writeSegment } from '../audit/archive/archive-directory.js';
import { sendCheckpoint } from '../audit/archive/checkpoint-webhook.js';
import { logTreeId } from '../audit/log/leaf.js';
import { type SegmentPlace, segmentBody, segmentFile } from '../audit/log/segment.js';
import { systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import type { JobContext } from './job-context.js';
import { sealingPart } from './seal-entries.js';
import { checkpointAfter, latestCheckpoint, type StoredCheckpoint, segmentLeaves } from './stored-checkpoint.js';

/** A place outside of the database. */
interface Destination {
  /** Name in the database and the log; without secrets. */
  readonly name: string;
  /** The last segment that is there; undefined for what the database remembers. */
  readonly newest?: () => SegmentPlace | undefined;
  readonly copy: (checkpoint: StoredCheckpoint, file: () => Promise<string>) => Promise<Written>;
  /** Whether only the newest checkpoint is of interest. */
  readonly isOfNewest?: boolean;
}

/**
 * Copies what is not yet there to every place outside of the database, in order and each segment once. A place that
 * fails holds up no other and is tried again at the next checkpoint; why it failed is in the log and in
 * `platform.checkpoint_copies`.
 */
export async function copySegments(context: JobContext): Promise<void> {
  await Promise.all(destinationsOf(context).map((destination) => copyTo(context, destination)));
}

function destinationsOf({ configuration }: JobContext): Destination[] {
  const { directory, bucket, webhookUrl } = configuration.checkpoints;
  const destinations: Destination[] = [
    {
      name: `directory ${directory}`,
      newest: () => newestPlace(directory) ?? { generation: 0, number: 0 },
      copy: async (checkpoint, file) => {
        const written = writeSegment(directory, checkpoint, await file());
        if (written !== 'conflict') writeLatestNote(directory, checkpoint.note);
        return written;
      },
    },
  ];
  if (bucket !== undefined) {
    destinations.push({
      name: `bucket ${bucket.url}`,
      copy: async (checkpoint, file) => putSegment(bucket, checkpoint, await file()),
    });
  }
  if (webhookUrl !== undefined) {
    destinations.push({
      name: 'webhook',
      isOfNewest: true,
      copy: async ({ generation, number, logSize, note, sha256 }) => {
        await sendCheckpoint(webhookUrl, { generation, number, size: logSize, checkpoint: note, sha256 });
        return 'written';
      },
    });
  }
  return destinations;
}

async function copyTo(context: JobContext, destination: Destination): Promise<void> {
  let place: SegmentPlace = { generation: 0, number: 0 };
  try {
    place = destination.newest?.() ?? (await copiedUpTo(context, destination.name));
    for (let next = await nextOf(context, destination, place); next !== undefined; ) {
      const checkpoint = next;
      const written = await destination.copy(checkpoint, () => fileOf(context, checkpoint));
      if (written === 'conflict') {
        throw new Error(`there is another segment ${checkpoint.generation}/${checkpoint.number}: the log was forked`);
      }
      place = checkpoint;
      await noteCopy(context, destination.name, place, null);
      next = await nextOf(context, destination, place);
    }
  } catch (error) {
    const { code } = error as { code?: unknown };
    const failure = typeof code === 'string' ? code : error instanceof Error ? error.message : 'unknown failure';
    context.log.error({ destination: destination.name, failure }, 'the audit log could not be copied');
    await noteCopy(context, destination.name, place, failure).catch(() => {});
  }
}

async function nextOf(
  context: JobContext,
  { isOfNewest = false }: Destination,
  place: SegmentPlace,
): Promise<StoredCheckpoint | undefined> {
  return asDeployment(context, 'read', async (tx) => {
    if (!isOfNewest) return checkpointAfter(tx, place);
    const latest = await latestCheckpoint(tx);
    return latest?.generation === place.generation && latest.number === place.number ? undefined : latest;
  });
}

async function fileOf(context: JobContext, checkpoint: StoredCheckpoint): Promise<string> {
  const { fromSize, logSize, note } = checkpoint;
  const leaves = await asDeployment(context, 'read', (tx) => segmentLeaves(tx, fromSize, logSize));
  return segmentFile(checkpoint, segmentBody({ leaves, note }));
}

async function copiedUpTo(context: JobContext, destination: string): Promise<SegmentPlace> {
  const [row] = await asDeployment(
    context,
    'read',
    (tx) => tx.sql<{ generation: number; number: string }[]>`
      select generation, number from platform.checkpoint_copies() where destination = ${destination}`,
  );
  return { generation: row?.generation ?? 0, number: Number(row?.number ?? 0) };
}

async function noteCopy(
  context: JobContext,
  destination: string,
  { generation, number }: SegmentPlace,
  failure: string | null,
): Promise<void> {
  await asDeployment(
    context,
    'write',
    (tx) => tx.sql`select platform.note_checkpoint_copy(${destination}, ${generation}, ${number}, ${failure})`,
  );
}

function asDeployment<T>(
  context: JobContext,
  purpose: 'read' | 'write',
  work: Parameters<typeof withOrg<T>>[3],
): Promise<T> {
  return withOrg(context.operational, systemIdentity(logTreeId, sealingPart, randomUUID()), purpose, work);
}
