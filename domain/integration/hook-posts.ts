import type { OrgTransaction } from '../../db/with-org.js';
import type { HookPost } from '../../integrations/webhooks/verified-post.js';

/** What the worker says of a post. */
export interface Verdict {
  /** Accepted, also as a repetition; refused, for whatever reason; or to be sent again later. */
  readonly verdict: 'ACCEPTED' | 'REFUSED' | 'LIMITED';
  readonly retryAfterMs: number | null;
}

/** A post that came to a hook. */
export interface ReceivedPost extends HookPost {
  readonly id: string;
  /** Id of the integration. */
  readonly hook: string;
  readonly clientAddress: string;
}

/**
 * Hands a post over to the worker, which can open the secret of the hook.
 * @returns `FULL` where too much of it waits already, `GONE` for a hook that no longer accepts
 */
export async function receivePost(tx: OrgTransaction, post: ReceivedPost): Promise<'WAITING' | 'FULL' | 'GONE'> {
  const [row] = await tx.sql<{ is_full: boolean }[]>`
    select is_full from app.receive_post(${post.hook}::uuid, ${post.id}::uuid, ${post.clientAddress},
                                         ${JSON.stringify(post.headers)}::text::jsonb, ${post.body}::bytea)`;
  if (row === undefined) return 'GONE';
  return row.is_full ? 'FULL' : 'WAITING';
}

/**
 * Takes the verdict on a post, with which the post ends; undefined while there is none.
 * @param giveUp ends the post without a verdict, too
 */
export async function takeVerdict(tx: OrgTransaction, id: string, giveUp: boolean): Promise<Verdict | undefined> {
  const [row] = await tx.sql<{ verdict: Verdict['verdict'] | null; retryAfterMs: number | null }[]>`
    select verdict, retry_after_ms as "retryAfterMs" from app.take_verdict(${id}::uuid, ${giveUp})`;
  return row?.verdict ? { verdict: row.verdict, retryAfterMs: row.retryAfterMs } : undefined;
}
