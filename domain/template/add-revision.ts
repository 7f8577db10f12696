import { type TemplateRow, templateRevisions } from '../../db/tables/templates.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { newId } from '../input/id.js';

/** What a template says at a revision. */
export type TemplateContent = Pick<
  TemplateRow,
  'id' | 'target' | 'format' | 'revision' | 'name' | 'description' | 'spec' | 'tags'
>;

/** Keeps what a template says from now on, in the transaction that makes it say so. */
export async function addRevision(tx: OrgTransaction, { id, ...content }: TemplateContent): Promise<void> {
  const { orgId } = tx;
  await tx.db
    .insert(templateRevisions)
    .values({ orgId, ...content, id: newId(), templateId: id, createdBy: tx.identity.actor.id });
}
