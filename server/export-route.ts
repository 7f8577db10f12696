import { finished } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { appendAudit } from '../audit/append-audit.js';
import type { RememberedKeys } from '../auth/api-keys/remembered-keys.js';
import { type Identity, systemIdentity } from '../auth/identity.js';
import type { TokenBuckets } from '../auth/rate-limits/token-buckets.js';
import { organizationPath } from '../auth/scopes/resource-path.js';
import type { Database } from '../db/database.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import {
  claimDownload,
  type DownloadClaim,
  finishDownload,
  releaseClaim,
  renewClaim,
} from '../domain/export/claim-download.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { archivePath } from '../export/archive-path.js';
import { readArchive } from '../export/read-archive.js';
import { authenticate } from './authenticate.js';
import { rateLimited } from './charge-operation.js';
import { confirmed } from './confirmed.js';

/** What downloads need of the process. */
export interface ExportServices {
  readonly operational: Database;
  readonly keys: RememberedKeys;
  readonly buckets: TokenBuckets;
  readonly environment: string;
  /** Directory of archives, the same for the worker and all gateways. */
  readonly exportDirectory: string;
  readonly log: Logger;
}

/** Milliseconds between two renewals of a claim; each also looks whether key and archive may still be used. */
const renewEveryMs = 5_000;

const action = 'downloadExport';

/**
 * `GET /exports/<id>`: sends the archive of an organization, once, to whoever holds both a key of the organization and
 * the token of the export (`X-Export-Token`; never in the address, which ends up in logs). A download that breaks can be
 * begun again, or go on where it broke (`Range: bytes=<n>-`).
 */
export function addExportRoute(app: FastifyInstance, services: ExportServices): void {
  // No HEAD: what Fastify would answer it with is a download.
  app.get<{ Params: { id: string } }>('/exports/:id', { exposeHeadRoute: false }, async (request, reply) => {
    const { identity, claim } = await claimed(services, request, request.params.id);
    request.logFields = { orgId: identity.orgId, keyId: identity.actor.id };
    try {
      return await send(services, identity, claim, request, reply);
    } catch (error) {
      await settle(services, identity, claim, 'FAILED');
      throw error;
    }
  });
}

/** Authenticates, charges one token of the bucket STANDARD and claims the archive. */
async function claimed(
  services: ExportServices,
  request: FastifyRequest,
  id: string,
): Promise<{ identity: Identity; claim: DownloadClaim }> {
  const { operational, buckets, keys, environment } = services;
  const who = () => authenticate(keys, request.headers, request.ip, request.id, environment);
  let caller = await who();
  const run = async (): Promise<{ readonly claim: DownloadClaim } | { readonly error: unknown }> => {
    const { identity } = caller;
    try {
      const { granted, retryAfterMs } = await buckets.draw(identity, { STANDARD: 1, DATA_READ: 0 });
      if (!granted) throw rateLimited(retryAfterMs);
      const claim = await withOrg(operational, identity, 'write', async (tx) => {
        const claimed = await claimDownload(tx, id, tokenOf(request));
        await record(tx, 'INTENDED', { exportId: claimed.exportId });
        return claimed;
      });
      return { claim };
    } catch (error) {
      return { error };
    }
  };
  const outcome = await confirmed(operational, caller.identity, run, async () => {
    keys.forget(caller.key.id);
    caller = await who();
  });
  if ('claim' in outcome) return { identity: caller.identity, claim: outcome.claim };
  await recordRefusal(services, caller.identity, id, outcome.error);
  throw outcome.error;
}

function tokenOf(request: FastifyRequest): string {
  const token = request.headers['x-export-token'];
  return typeof token === 'string' ? token : '';
}

async function send(
  services: ExportServices,
  identity: Identity,
  claim: DownloadClaim,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { archiveBytes, exportId } = claim;
  const from = rangeStart(request.headers.range, archiveBytes);
  const path = archivePath(services.exportDirectory, identity.orgId, exportId);
  const archive = await readArchive(path, tokenOf(request), from).catch((cause: unknown) => {
    throw new BulkheadError('UNAVAILABLE', 'The archive is not where this gateway looks for archives', { cause });
  });
  const renewal = setInterval(() => {
    withOrg(services.operational, identity, 'write', (tx) => renewClaim(tx, claim)).then(
      (holds) => {
        if (!holds) archive.destroy(new Error('the claim no longer holds'));
      },
      (error: Error) => archive.destroy(error),
    );
  }, renewEveryMs);
  finished(reply.raw)
    .then(
      () => settle(services, identity, claim, 'SUCCEEDED'),
      () => settle(services, identity, claim, 'FAILED'),
    )
    .finally(() => clearInterval(renewal));
  if (from > 0) reply.status(206).header('content-range', `bytes ${from}-${archiveBytes - 1}/${archiveBytes}`);
  return reply
    .type('application/zip')
    .header('content-disposition', `attachment; filename="export-${exportId}.zip"`)
    .header('content-length', String(archiveBytes - from))
    .header('accept-ranges', 'bytes')
    .send(archive);
}

/** From which byte on to send: of a range that goes on to the end; any other is ignored, as HTTP allows. */
function rangeStart(range: string | undefined, archiveBytes: number): number {
  const start = Number(/^bytes=(\d{1,15})-$/.exec(range ?? '')?.[1] ?? 0);
  return start < archiveBytes ? start : 0;
}

/** Ends a claim with its entry in the audit log; what cannot be noted now, time notes: the claim runs out. */
async function settle(
  { operational, log }: ExportServices,
  identity: Identity,
  claim: DownloadClaim,
  outcome: 'SUCCEEDED' | 'FAILED',
): Promise<void> {
  const { exportId } = claim;
  try {
    // The key may be the reason why it failed.
    const actor = outcome === 'SUCCEEDED' ? identity : systemIdentity(identity.orgId, 'export', identity.requestId);
    await withOrg(operational, actor, 'write', async (tx) => {
      await (outcome === 'SUCCEEDED' ? finishDownload(tx, claim) : releaseClaim(tx, claim));
      await record(tx, outcome, { exportId });
    });
  } catch (error) {
    log.error({ requestId: identity.requestId, failure: String(error) }, 'the end of a download could not be noted');
  }
}

async function recordRefusal(
  { operational, log }: ExportServices,
  identity: Identity,
  exportId: string,
  error: unknown,
): Promise<void> {
  const code = error instanceof BulkheadError ? error.code : 'INTERNAL';
  if (code === 'UNAUTHENTICATED' || code === 'RATE_LIMITED') return;
  try {
    await withOrg(operational, identity, 'write', (tx) => record(tx, 'REFUSED', { exportId }, code));
  } catch (cause) {
    log.error({ requestId: identity.requestId, failure: String(cause) }, 'a refused download could not be recorded');
  }
}

async function record(
  tx: OrgTransaction,
  outcome: 'INTENDED' | 'SUCCEEDED' | 'FAILED' | 'REFUSED',
  change: { readonly exportId: string },
  code?: BulkheadError['code'],
): Promise<void> {
  const resource = organizationPath(tx.orgId);
  await appendAudit(tx, { action, resource, outcome, change, ...(code === undefined ? {} : { code }) });
}
