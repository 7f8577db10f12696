import { and, eq } from 'drizzle-orm';
import { type TemplateRow, templates } from '../../db/tables/templates.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { requireActive } from '../definition/soft-delete.js';
import { optionalText, requireTags, requireText } from '../input/text.js';
import { requireChanged } from '../require-changed.js';
import { addRevision } from './add-revision.js';
import { getTemplateForChange } from './get-template.js';
import { requireSpec } from './require-spec.js';

/** Fields of a template to change: absent stays, null clears. */
export interface TemplateChange {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** The whole spec, in the shape of the template's format. */
  readonly spec?: unknown;
  readonly tags?: readonly string[] | null | undefined;
}

/**
 * Changes a template, counts its revision up, and answers it before and after.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT; CONFLICT for a deleted template
 */
export async function updateTemplate(
  tx: OrgTransaction,
  input: TemplateChange,
): Promise<{ before: TemplateRow; after: TemplateRow }> {
  const before = await getTemplateForChange(tx, input.id);
  requireActive(before, 'template');
  if (input.spec === null) throw invalidInput('input.spec', 'must not be null');
  const { name, description, spec, tags } = input;
  const rows = await tx.db
    .update(templates)
    .set({
      ...(name === undefined ? {} : { name: requireText('input.name', name, { max: 100 }) }),
      description: optionalText('input.description', description, { min: 0, max: 500 }),
      ...(tags === undefined ? {} : { tags: requireTags('input.tags', tags ?? []) }),
      ...(spec === undefined ? {} : { spec: (await requireSpec(tx, before.format, spec)).spec }),
      revision: before.revision + 1,
      updatedAt: new Date(),
      updatedBy: tx.identity.actor.id,
    })
    .where(and(eq(templates.orgId, tx.orgId), eq(templates.id, before.id)))
    .returning();
  const after = requireChanged(rows, 'write', 'template');
  await addRevision(tx, contentOf(after));
  return { before, after };
}

function contentOf({ id, target, format, revision, name, description, spec, tags }: TemplateRow) {
  return { id, target, format, revision, name, description, spec, tags };
}
