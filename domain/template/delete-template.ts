import { and, eq } from 'drizzle-orm';
import { type TemplateRow, templates } from '../../db/tables/templates.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireNotYetDeleted } from '../definition/soft-delete.js';
import { requireChanged } from '../require-changed.js';
import { getTemplateForChange } from './get-template.js';

/**
 * Soft-deletes a template and answers what it was.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN; CONFLICT if it is already deleted
 */
export async function deleteTemplate(tx: OrgTransaction, id: string): Promise<TemplateRow> {
  const before = await getTemplateForChange(tx, id);
  requireNotYetDeleted(before, 'template');
  const rows = await tx.db
    .update(templates)
    .set({ deletedAt: new Date(), deletedBy: tx.identity.actor.id })
    .where(and(eq(templates.orgId, tx.orgId), eq(templates.id, before.id)))
    .returning({ id: templates.id });
  requireChanged(rows, 'write', 'template');
  return before;
}
