import type { ApolloServerPlugin, GraphQLResponse } from '@apollo/server';
import type { FormattedExecutionResult } from 'graphql';
import type { Logger } from 'pino';
import { storeScopes } from '../../auth/api-keys/stored-scopes.js';
import type { IdempotencyClaim } from '../../auth/idempotency-claim.js';
import type { Identity } from '../../auth/identity.js';
import type { AnswerPlace, AnswerSeal } from '../../domain/idempotency/answer-seal.js';
import { findOutcome } from '../../domain/idempotency/find-outcome.js';
import { settleKey } from '../../domain/idempotency/settle-key.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { ErrorCode } from '../../errors/error-codes.js';
import type { RequestContext } from '../../resolvers/request-context.js';
import { setStatus } from '../answer-status.js';
import { errorAt } from './error-at.js';
import { keptAnswer } from './kept-answer.js';
import { parseIdempotencyKey } from './parse-idempotency-key.js';
import { requestText, requireOneRootField } from './request-text.js';

/** What the caller is to hear instead of an answer that is not the one of this key. */
const aboutTheKey: readonly ErrorCode[] = ['IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_IN_USE', 'FORBIDDEN'];

/**
 * Mutations with an Idempotency-Key: before they run, the identity gets the claim that the first transaction that writes
 * will make; afterwards the answer is kept, or replaced by the one that was kept before. Queries are repeated without
 * harm, and for them the header means nothing.
 */
export function idempotentMutations(seal: AnswerSeal, log: Logger): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async ({ contextValue: { idempotencyKey, identity, operational } }) => {
      if (idempotencyKey === undefined) return;
      return {
        didResolveOperation: async ({ document, operation, operationName, request }) => {
          if (operation?.operation !== 'mutation') return;
          const key = parseIdempotencyKey(idempotencyKey);
          requireOneRootField(document, operation);
          const text = requestText(document, operationName ?? undefined, request.variables ?? {}, identity.actor.id);
          identity.fate.claim = {
            database: operational,
            key,
            fingerprint: seal.fingerprint(text),
            scopes: JSON.stringify(storeScopes(identity.scopes)),
            state: 'OPEN',
            shownOnce: [],
          };
        },
        willSendResponse: async ({ response }) => {
          const { claim } = identity.fate;
          const result = resultOf(response);
          // Without data nothing was executed.
          if (claim === undefined || result?.data === undefined) return;
          try {
            if (claim.state !== 'ANSWERED') await settle(seal, identity, claim, result);
          } catch (error) {
            await giveWay(response, identity, claim, error, log);
          }
          if (claim.outcome !== undefined)
            replay(response, claim.outcome.answer, (sealed) => {
              return seal.open(placeOf(identity, claim), sealed);
            });
        },
      };
    },
  };
}

/** Keeps the answer, or ends the claim without one. */
async function settle(
  seal: AnswerSeal,
  identity: Identity,
  claim: IdempotencyClaim,
  result: FormattedExecutionResult,
): Promise<void> {
  const kept = keptAnswer(result, claim);
  const isClaimed = claim.state === 'CLAIMED' || claim.state === 'DONE';
  if (kept === undefined && !isClaimed) return;
  await settleKey(identity, claim, kept === undefined ? undefined : seal.seal(placeOf(identity, claim), kept));
}

/** The answer could not be kept: because the key is another request's, which is to be said, or for a fault of ours. */
async function giveWay(
  response: GraphQLResponse,
  identity: Identity,
  claim: IdempotencyClaim,
  error: unknown,
  log: Logger,
): Promise<void> {
  // A refusal that was kept before, or a mutation that changes no row.
  const cause = claim.state === 'ANSWERED' ? await lookUp(identity, claim) : error;
  if (cause === undefined) return;
  if (cause instanceof BulkheadError && aboutTheKey.includes(cause.code)) {
    const [field = ''] = Object.keys(resultOf(response)?.data ?? {});
    replace(response, errorAt([field], cause));
    return;
  }
  // What was done stays done, and its answer is made again from the reference.
  log.error({ requestId: identity.requestId, failure: String(cause) }, 'an answer could not be kept');
}

/** Looks for what the earlier request has left; answers what is in the way of showing it. */
async function lookUp(identity: Identity, claim: IdempotencyClaim): Promise<unknown> {
  try {
    claim.outcome = await findOutcome(identity, claim);
    return undefined;
  } catch (error) {
    return error;
  }
}

function replay(response: GraphQLResponse, answer: Buffer | undefined, open: (sealed: Buffer) => string): void {
  response.http.headers.set('idempotency-replayed', 'true');
  if (answer !== undefined) replace(response, JSON.parse(open(answer)));
}

function replace(response: GraphQLResponse, result: FormattedExecutionResult): void {
  response.body = { kind: 'single', singleResult: result as never };
  response.http.status = 200;
  response.http.headers.delete('retry-after');
  setStatus(response);
}

function resultOf({ body }: GraphQLResponse): FormattedExecutionResult | undefined {
  return body.kind === 'single' ? (body.singleResult as FormattedExecutionResult) : undefined;
}

function placeOf({ orgId }: Identity, { key, fingerprint }: IdempotencyClaim): AnswerPlace {
  return { orgId, key, fingerprint };
}
