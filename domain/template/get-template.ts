import { and, eq } from 'drizzle-orm';
import { requireAction } from '../../auth/authorize.js';
import { templatePath } from '../../auth/scopes/resource-path.js';
import { type TemplateRow, templates } from '../../db/tables/templates.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';

/**
 * One template that the transaction may see, active or deleted.
 * @throws BulkheadError NOT_FOUND
 */
export async function getTemplate(tx: OrgTransaction, id: string): Promise<TemplateRow> {
  const [template] = await selectTemplate(tx, requireUuid(id, 'template'));
  if (template === undefined) throw notFound('template');
  return template;
}

/** Templates to be changed. */
export const writableTemplates: WritableRows<typeof templates> = {
  noun: 'template',
  table: templates,
  key: (id) => ({ id: requireUuid(id, 'template') }),
  read: getTemplate,
  decide: (tx, found) => requireAction(tx.identity, 'write', templatePath(found.target, found.id), 'template'),
};

/**
 * The same, to be changed: decided by its scope, and locked, so that no two updates make the same revision.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function getTemplateForChange(tx: OrgTransaction, id: string): Promise<TemplateRow> {
  return lockRow(tx, writableTemplates, id);
}

function selectTemplate(tx: OrgTransaction, id: string) {
  return tx.db
    .select()
    .from(templates)
    .where(and(eq(templates.orgId, tx.orgId), eq(templates.id, id)));
}
