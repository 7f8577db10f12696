import { and, eq } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import { readLimits } from '../../auth/rate-limits/bucket-limits.js';
import { hookPosts, inboundEvents } from '../../db/tables/integration-records.js';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { newId } from '../../domain/input/id.js';
import { schemeOf } from '../../integrations/catalog.js';
import { signatureSchemes } from '../../integrations/webhooks/signature-schemes.js';
import type { JobContext } from '../job-context.js';
import { withSigningSecrets } from './signing-secrets.js';
import type { WorkItem } from './work-item.js';

type Post = typeof hookPosts.$inferSelect;

/** Event ids are visible characters of ASCII, which headers carry. */
const eventIdPattern = /^[!-~]{1,256}$/;

/** Undoes an acceptance that the organization has no token for. */
class NoToken extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('the organization has no token');
    this.retryAfterMs = retryAfterMs;
  }
}

/** Undoes an acceptance that nobody waits for: the gateway has given up, and has told the sender so. */
class PostEnded extends Error {}

/**
 * Says whether a post is signed, and accepts its event: once, in one transaction with its token of the organization and
 * the document that a gateway is to write. Repetitions are accepted without effect or cost.
 */
export async function verifyPost(context: JobContext, identity: Identity, { id }: WorkItem): Promise<void> {
  const { operational } = context;
  const found = await withOrg(operational, identity, 'read', (tx) => waiting(tx, id));
  if (found === undefined) return;
  const { post, integration } = found;
  const eventId = await verifiedEventId(context, identity, post, integration);
  try {
    await withOrg(operational, identity, 'write', async (tx) => {
      if (eventId !== undefined) await accept(tx, context, eventId, post, integration);
      await judge(tx, post, eventId === undefined ? 'REFUSED' : 'ACCEPTED');
    });
  } catch (error) {
    if (error instanceof PostEnded) return;
    if (!(error instanceof NoToken)) throw error;
    await withOrg(operational, identity, 'write', (tx) => judge(tx, post, 'LIMITED', error.retryAfterMs));
  }
}

async function waiting(
  tx: OrgTransaction,
  id: string,
): Promise<{ post: Post; integration: IntegrationRow } | undefined> {
  const [row] = await tx.db
    .select({ post: hookPosts, integration: integrations })
    .from(hookPosts)
    .innerJoin(integrations, and(eq(integrations.orgId, hookPosts.orgId), eq(integrations.id, hookPosts.integrationId)))
    .where(and(eq(hookPosts.orgId, tx.orgId), eq(hookPosts.id, id)));
  return row?.post.verdict === null ? row : undefined;
}

/** Id of the event of a post that is signed with one of the secrets; undefined for any other post. */
async function verifiedEventId(
  context: JobContext,
  identity: Identity,
  post: Post,
  { id, properties, isEnabled }: IntegrationRow,
): Promise<string | undefined> {
  if (!isEnabled) return undefined;
  const scheme = signatureSchemes[schemeOf(properties['scheme']?.[0])];
  return withSigningSecrets(context, identity, id, async (secrets) => {
    const now = Date.now();
    if (!secrets.some((secret) => scheme.isSigned(post, secret.toString('utf8'), now))) return undefined;
    const eventId = scheme.eventId(post);
    return eventId !== undefined && eventIdPattern.test(eventId) ? eventId : undefined;
  });
}

async function accept(
  tx: OrgTransaction,
  context: JobContext,
  eventId: string,
  post: Post,
  integration: IntegrationRow,
): Promise<void> {
  const isWritten = (integration.properties['templateId'] ?? []).length > 0;
  const now = new Date();
  const accepted = await tx.db
    .insert(inboundEvents)
    .values({
      orgId: tx.orgId,
      id: newId(),
      type: integration.type,
      integrationId: integration.id,
      eventId,
      ...(isWritten ? { status: 'PENDING', body: post.body, dueAt: now } : { status: 'RECEIVED', finishedAt: now }),
    })
    .onConflictDoNothing({ target: [inboundEvents.orgId, inboundEvents.integrationId, inboundEvents.eventId] })
    .returning({ id: inboundEvents.id });
  if (accepted.length === 0) return;
  const { granted, retryAfterMs } = await charge(tx, context);
  if (!granted) throw new NoToken(retryAfterMs);
}

/** Takes a token from where gateways take them; Redis has a quarter of a second to answer. */
async function charge(
  tx: OrgTransaction,
  { sharedBuckets }: JobContext,
): Promise<{ granted: boolean; retryAfterMs: number }> {
  if (sharedBuckets?.isReady) {
    const draw = await sharedBuckets.draw(tx.orgId, await readLimits(tx), { STANDARD: 1, DATA_READ: 0 });
    if (draw !== undefined) return draw;
  }
  const tokens = await tx.sql<{ granted: boolean; retryAfterMs: string }[]>`
    select granted, retry_after_ms as "retryAfterMs" from platform.take_tokens(1, 0)`;
  return {
    granted: tokens.every(({ granted }) => granted),
    retryAfterMs: Math.max(...tokens.map(({ retryAfterMs }) => Number(retryAfterMs))),
  };
}

/** @throws PostEnded */
async function judge(
  tx: OrgTransaction,
  { id }: Post,
  verdict: NonNullable<Post['verdict']>,
  retryAfterMs?: number,
): Promise<void> {
  const judged = await tx.db
    .update(hookPosts)
    .set({ verdict, dueAt: null, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    .where(and(eq(hookPosts.orgId, tx.orgId), eq(hookPosts.id, id)))
    .returning({ id: hookPosts.id });
  if (judged.length === 0) throw new PostEnded();
}
