import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import type { PostureContext } from '../posture-context.js';

/** Name of the part of the system that looks. */
const part = 'posture';

/** The identity under which checks read, of an organization or of the deployment. */
export function postureIdentity(orgId: string = deploymentOrgId) {
  return systemIdentity(orgId, part, randomUUID());
}

/** Runs `work` in a transaction that reads, as the system. */
export function asSystem<T>(
  { rows }: PostureContext,
  work: (tx: OrgTransaction) => Promise<T>,
  orgId?: string,
): Promise<T> {
  return withOrg(rows, postureIdentity(orgId), 'read', work);
}

const pageSize = 500;

/** Ids of all organizations that are not being deleted, read page by page. */
export async function* organizationIds(context: PostureContext): AsyncGenerator<string, void> {
  let after: string | undefined;
  do {
    const page = await asSystem(
      context,
      (tx) => tx.sql<{ orgId: string }[]>`
        select org_id as "orgId" from platform.list_organizations(${after ?? null}, ${pageSize})`,
    );
    yield* page.map(({ orgId }) => orgId);
    after = page.length < pageSize ? undefined : page.at(-1)?.orgId;
  } while (after !== undefined);
}
