import type { SegmentPlace } from '../log/segment.js';

/** What the webhook is sent. */
export interface CheckpointNotice extends SegmentPlace {
  /** Leaves of the tree of the deployment. */
  readonly size: number;
  /** Signed note (C2SP tlog-checkpoint). */
  readonly checkpoint: string;
  /** SHA-256 of the body of the segment, in hex. */
  readonly sha256: string;
}

/** Milliseconds that the receiver may take. */
const timeoutMs = 10_000;

/**
 * Sends a checkpoint to the operator's address as JSON, so that it is kept where nobody with the database can reach it.
 * @throws Error with the status, unless it answers 2xx
 */
export async function sendCheckpoint(url: string, notice: CheckpointNotice): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(notice),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the webhook answers ${answer.status}`);
}
