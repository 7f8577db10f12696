import { type GraphQLObjectType, getNamedType } from 'graphql';
import type { IdempotencyReference } from '../auth/idempotency-claim.js';
import { withOrg } from '../db/with-org.js';
import { getApiKey } from '../domain/api-key/get-api-key.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { entities } from '../model/model.js';
import type { RequestContext } from './request-context.js';

type FieldSource = string | number | ((args: unknown, context: RequestContext) => unknown);

/**
 * The payload of a mutation that was carried out and whose answer was lost, from what is kept of it: ids as they were,
 * its rows as they are now, for the key as it is now. A row that is gone or not visible is null.
 * @returns what the fields are resolved from; one that cannot be made again throws ANSWER_NOT_KEPT when it is asked for
 */
export function recoveredPayload(
  type: GraphQLObjectType,
  reference: IdempotencyReference | undefined,
): Readonly<Record<string, FieldSource>> {
  return Object.fromEntries(
    Object.values(type.getFields()).map((field) => [
      field.name,
      sourceOf(field.name, getNamedType(field.type).name, reference) ?? (() => refuse(reference)),
    ]),
  );
}

/** Undefined for a field that cannot be made again. */
function sourceOf(name: string, type: string, reference: IdempotencyReference | undefined): FieldSource | undefined {
  const kept = reference?.fields[name];
  if (kept !== undefined) return kept;
  if (type === 'Organization') return (_args, context) => rowOf(context, type, context.identity.orgId);
  const id = reference?.fields['id'];
  if (typeof id !== 'string') return undefined;
  if (type === 'ApiKey') return (_args, context) => apiKeyOf(context, id);
  return entities[type] === undefined ? undefined : (_args, context) => rowOf(context, type, id);
}

async function rowOf({ loaders }: RequestContext, type: string, id: string): Promise<unknown> {
  const entity = entities[type];
  return entity === undefined ? null : ((await loaders.rowOf(entity).load(id)) ?? null);
}

async function apiKeyOf({ operational, identity }: RequestContext, id: string): Promise<unknown> {
  try {
    return await withOrg(operational, identity, 'read', (tx) => getApiKey(tx, id));
  } catch (error) {
    if (error instanceof BulkheadError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

function refuse(reference: IdempotencyReference | undefined): never {
  throw new BulkheadError(
    'ANSWER_NOT_KEPT',
    'The request was carried out before, and its answer was not kept',
    reference === undefined ? {} : { resource: reference.resource },
  );
}
