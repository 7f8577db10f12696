import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { integrationPath } from '../../auth/scopes/resource-path.js';
import { type ResourceMappingRow, resourceMappings } from '../../db/tables/integration-records.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';
import { requireChanged } from '../require-changed.js';

/**
 * Deletes a resource mapping and answers what it was.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN without `write` on its integration
 */
export async function unmapResource(
  tx: OrgTransaction,
  inputId: string,
): Promise<{ readonly before: ResourceMappingRow; readonly resource: string }> {
  const id = requireUuid(inputId, 'resource mapping');
  const selected = and(eq(resourceMappings.orgId, tx.orgId), eq(resourceMappings.id, id));
  const [before] = await tx.db.select().from(resourceMappings).where(selected);
  if (before === undefined) throw notFound('resource mapping');
  const resource = integrationPath(before.direction, before.type, before.integrationId);
  requireAction(tx.identity, 'write', resource, 'integration');
  const rows = await tx.db.delete(resourceMappings).where(selected).returning({ id: resourceMappings.id });
  requireChanged(rows, 'write', 'resource mapping');
  return { before, resource };
}
