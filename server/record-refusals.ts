import type { GraphQLResolveInfo } from 'graphql';
import type { IMiddlewareResolver } from 'graphql-middleware/types';
import { appendAudit } from '../audit/append-audit.js';
import { isRecorded } from '../audit/recorded-errors.js';
import { fieldTable } from '../auth/permissions/permissions.js';
import { argumentOf, resourceOf } from '../auth/permissions/resource-of.js';
import { organizationPath } from '../auth/scopes/resource-path.js';
import { withOrg } from '../db/with-org.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { errorCodes } from '../errors/error-codes.js';
import type { RequestContext } from '../resolvers/request-context.js';

/** Input fields that are never kept: secrets, and readings, which are counted instead. */
const unrecorded = new Set(['value', 'frames', 'rows', 'document']);

const record: IMiddlewareResolver<unknown, RequestContext> = async (
  resolve,
  parent,
  args,
  context: RequestContext,
  info: GraphQLResolveInfo,
) => {
  const result: unknown = await attempt(() => resolve(parent, args, context, info));
  if (result instanceof Error && !isRecorded(result)) await recordAttempt(context, info.fieldName, args, result);
  return result;
};

/** What a resolver answers, or what it throws: shield returns errors, as graphql-js allows. */
async function attempt(resolve: () => unknown): Promise<unknown> {
  try {
    return await resolve();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/**
 * Middleware around every mutation, outside of shield: an attempt that was refused, by a rule, by the domain or by the
 * database, leaves an entry in the audit log, in a transaction of its own because its change has been rolled back.
 */
export const recordRefusals = { Mutation: record };

async function recordAttempt(
  context: RequestContext,
  action: string,
  args: Readonly<Record<string, unknown>>,
  error: unknown,
): Promise<void> {
  const { claim } = context.identity.fate;
  // The entry is no part of the mutation: its transaction claims nothing.
  if (claim?.state === 'OPEN') claim.state = 'REFUSED';
  const code = error instanceof BulkheadError ? error.code : 'INTERNAL';
  const outcome = errorCodes[code].status < 500 ? 'REFUSED' : 'FAILED';
  try {
    await withOrg(context.operational, context.identity, 'write', (tx) =>
      appendAudit(tx, {
        action,
        resource: resourceOfAttempt(action, context, args),
        outcome,
        code,
        change: { input: masked(args['input']) },
      }),
    );
  } catch (cause) {
    const { requestId } = context.identity;
    const failure = String(cause);
    context.log.error({ requestId, action, outcome, code, failure }, 'a refused attempt could not be recorded');
  }
}

function resourceOfAttempt(action: string, context: RequestContext, args: Readonly<Record<string, unknown>>): string {
  const access = fieldTable['Mutation']?.[action];
  const path = access === undefined ? undefined : resourceOf(access, context.identity, argumentOf(args));
  return path ?? organizationPath(context.identity.orgId);
}

function masked(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return null;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => {
      if (unrecorded.has(name)) return [name, '[not recorded]'];
      // Of the readings of many things, whose they were.
      return [name, name === 'things' && Array.isArray(value) ? value.map(masked) : value];
    }),
  );
}
