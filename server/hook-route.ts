import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { validate } from 'uuid';
import { createIdentity } from '../auth/identity.js';
import { parseScopes } from '../auth/scopes/parse-scopes.js';
import { integrationPath } from '../auth/scopes/resource-path.js';
import type { Database } from '../db/database.js';
import { findHook } from '../db/find-hook.js';
import { withOrg } from '../db/with-org.js';
import { newId } from '../domain/input/id.js';
import { receivePost } from '../domain/integration/hook-posts.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { signatureHeaders, signatureSchemes } from '../integrations/webhooks/signature-schemes.js';
import { type AddressBans, banRules } from './address-bans.js';
import { httpFault, sendError } from './error-response.js';
import { HookVerdicts } from './hook-verdicts.js';
import { banned } from './refuse-banned.js';

/** Bytes of a post at most. */
const maxBodyBytes = 256 * 1024;

/** Posts of one address at one hook that may be refused within a minute; then all of them are, unread, for its rest. */
const refusals = { most: 30, withinMs: 60_000, maxRemembered: 10_000 } as const;

/** Milliseconds after which to come again when too many posts of a hook wait. */
const fullRetryMs = 1_000;

/** What hooks need of the process. */
export interface HookServices {
  readonly operational: Database;
  readonly bans: AddressBans;
  readonly log: Logger;
}

/**
 * `POST /hooks/<id>`: what third parties send. The body is taken as the bytes that were signed, and handed over to the
 * worker, which alone can open the secret; the answer says no more than what became of it. 404 is the one answer for a
 * hook that does not exist, is disabled or is none.
 */
export function addHookRoute(app: FastifyInstance, { operational, bans }: HookServices): void {
  const verdicts = new HookVerdicts(operational);
  const refused = new LRUCache<string, number>({ max: refusals.maxRemembered, ttl: refusals.withinMs });
  /** By hook and address: that posts were accepted, and that there was no such hook. */
  const accepted = new LRUCache<string, true>({ max: refusals.maxRemembered });
  const missed = new LRUCache<string, true>({ max: refusals.maxRemembered, ttl: banRules.withinMs });
  app.addHook('onClose', () => verdicts.close());

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) => {
      done(null, body);
    });
    scope.setErrorHandler((error, _request, reply) => sendError(reply, hookFault(error)));
    scope.route<{ Params: { id: string } }>({
      method: 'POST',
      url: '/hooks/:id',
      onRequest: async (request) => {
        const sender = `${request.params.id.toLowerCase()} ${request.ip}`;
        const leftMs = bans.leftMs(request.ip);
        if (leftMs !== undefined && !accepted.has(sender)) {
          bans.noteRefusal();
          throw banned(leftMs);
        }
        const orgId = validate(request.params.id) ? await findHook(operational, request.params.id) : undefined;
        if (orgId === undefined) {
          // One sender may serve many organizations: who goes on posting to a hook that is gone is not banned for it.
          if (!missed.has(sender)) bans.noteFailure(request.ip);
          missed.set(sender, true);
          throw noSuchHook();
        }
        if ((refused.get(sender) ?? 0) >= refusals.most) throw tooMany(refused.getRemainingTTL(sender));
        request.hook = { orgId, sender };
        request.logFields = { orgId, integrationId: request.params.id };
        // What cannot be signed is not read.
        const isSigned = Object.values(signatureSchemes).some(({ headers }) =>
          headers.every((name) => typeof request.headers[name] === 'string'),
        );
        if (!isSigned) throw notVerified();
      },
      handler: async (request, reply) => {
        const { hook } = request;
        if (hook === undefined) throw new Error('the hook was not looked for');
        const verdict = await judge(operational, verdicts, request, hook.orgId);
        switch (verdict?.verdict) {
          case 'ACCEPTED':
            accepted.set(hook.sender, true);
            return reply.send({ status: 'accepted' });
          case 'LIMITED':
            throw tooMany(verdict.retryAfterMs ?? fullRetryMs);
          case 'REFUSED':
            refused.set(hook.sender, (refused.get(hook.sender) ?? 0) + 1, { noUpdateTTL: true });
            throw notVerified();
          default:
            throw new BulkheadError('UNAVAILABLE', 'The post could not be taken now: send it again');
        }
      },
    });
  });
}

function judge(
  operational: Database,
  verdicts: HookVerdicts,
  request: FastifyRequest<{ Params: { id: string } }>,
  orgId: string,
) {
  const hook = request.params.id.toLowerCase();
  const scope = { action: 'write', resourceFilter: integrationPath('INGRESS', 'WEBHOOK', hook) };
  const identity = createIdentity({
    orgId,
    actor: { type: 'SYSTEM', id: 'hooks' },
    scopes: parseScopes([scope], 'scopes'),
    requestId: request.id,
    clientAddress: request.ip,
  });
  const post = {
    id: newId(),
    hook,
    clientAddress: request.ip,
    headers: signatureFields(request),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
  return verdicts.of(identity, post.id, async () => {
    const state = await withOrg(operational, identity, 'write', (tx) => receivePost(tx, post));
    if (state === 'GONE') throw noSuchHook();
    if (state === 'FULL') throw tooMany(fullRetryMs);
    return true;
  });
}

function signatureFields({ headers }: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    signatureHeaders.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
}

function hookFault(error: unknown): BulkheadError {
  if ((error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new BulkheadError('PAYLOAD_TOO_LARGE', 'The body is over 256 KiB');
  }
  return httpFault(error);
}

const noSuchHook = () => new BulkheadError('NOT_FOUND', 'No such address');
const notVerified = () => new BulkheadError('BAD_REQUEST', 'The post could not be verified');
const tooMany = (retryAfterMs: number) =>
  new BulkheadError('RATE_LIMITED', 'Too many posts', { retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) });

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose hook a post came to, and from where. */
    hook?: { readonly orgId: string; readonly sender: string };
  }
}
