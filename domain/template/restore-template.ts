import { and, eq } from 'drizzle-orm';
import { type TemplateRow, templates } from '../../db/tables/templates.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireDeleted } from '../definition/soft-delete.js';
import { requireChanged } from '../require-changed.js';
import { getTemplateForChange } from './get-template.js';

/**
 * Restores a soft-deleted template, at the revision that it had, and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN; CONFLICT if it is not deleted
 */
export async function restoreTemplate(
  tx: OrgTransaction,
  id: string,
): Promise<{ before: TemplateRow; after: TemplateRow }> {
  const before = await getTemplateForChange(tx, id);
  requireDeleted(before, 'template');
  const rows = await tx.db
    .update(templates)
    .set({ deletedAt: null, deletedBy: null, updatedAt: new Date(), updatedBy: tx.identity.actor.id })
    .where(and(eq(templates.orgId, tx.orgId), eq(templates.id, before.id)))
    .returning();
  return { before, after: requireChanged(rows, 'write', 'template') };
}
