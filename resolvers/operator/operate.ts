import { appendAudit } from '../../audit/append-audit.js';
import { type Identity, operatorIdentity } from '../../auth/identity.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { requireUuid } from '../../domain/input/id.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import type { Change } from '../mutate.js';
import type { OperatorContext } from './operator-context.js';

/** The operator of the request, acting on one organization. */
export function operatorOn(context: OperatorContext, orgId: string): Identity {
  return operatorIdentity(orgId, context.operatorId, context.requestId, context.clientAddress);
}

/**
 * Runs one change of an organization by an operator: the change and its entry in the organization's audit log in one
 * transaction.
 * @param orgId as the operator gave it
 * @param action name of the mutation
 * @param input its input, without secrets
 * @throws BulkheadError NOT_FOUND for what cannot be an id, and what `work` throws
 */
export async function operate<T>(
  context: OperatorContext,
  orgId: string,
  action: string,
  input: unknown,
  work: (tx: OrgTransaction) => Promise<Change<T>>,
): Promise<T> {
  const identity = operatorOn(context, requireUuid(orgId, 'organization'));
  try {
    return await withOrg(context.operational, identity, 'write', async (tx) => {
      const { value, resource, before } = await work(tx);
      const change = before === undefined ? { input } : { input, before };
      await appendAudit(tx, { action, resource, outcome: 'SUCCEEDED', change });
      return value;
    });
  } catch (error) {
    await recordRefusal(context, identity, { action, change: { input } }, error);
    throw error;
  }
}

/** Records a refused attempt in a transaction of its own; an organization that does not exist has no log to write to. */
async function recordRefusal(
  { operational }: OperatorContext,
  identity: Identity,
  attempt: { readonly action: string; readonly change: unknown },
  error: unknown,
): Promise<void> {
  if (!(error instanceof BulkheadError) || error.code === 'NOT_FOUND') return;
  const resource = organizationPath(identity.orgId);
  await withOrg(operational, identity, 'write', (tx) =>
    appendAudit(tx, { ...attempt, resource, outcome: 'REFUSED', code: error.code }),
  );
}
