import { requireAction } from '../../auth/authorize.js';
import { templatePath } from '../../auth/scopes/resource-path.js';
import { type TemplateRow, templates } from '../../db/tables/templates.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { newId } from '../input/id.js';
import { optionalText, requireTags, requireText } from '../input/text.js';
import { addRevision } from './add-revision.js';
import { requireSpec } from './require-spec.js';

/** A new template; target and format are final. */
export interface NewTemplate {
  /** 1–100 characters. */
  readonly name: string;
  /** At most 500 characters. */
  readonly description?: string | null | undefined;
  readonly target: TemplateRow['target'];
  readonly format: TemplateRow['format'];
  /** In the shape of the format. */
  readonly spec: unknown;
  readonly tags?: readonly string[] | null | undefined;
}

/**
 * Creates a template at revision 1 and answers its id.
 * @throws BulkheadError FORBIDDEN without `write` on all templates of the target, BAD_USER_INPUT
 */
export async function createTemplate(tx: OrgTransaction, input: NewTemplate): Promise<string> {
  const { target, format } = input;
  requireAction(tx.identity, 'write', templatePath(target, '#'), 'template');
  const content = {
    id: newId(),
    target,
    format,
    revision: 1,
    name: requireText('input.name', input.name, { max: 100 }),
    description: optionalText('input.description', input.description ?? null, { min: 0, max: 500 }),
    tags: requireTags('input.tags', input.tags ?? []),
    spec: (await requireSpec(tx, format, input.spec)).spec,
  };
  await tx.db.insert(templates).values({ orgId: tx.orgId, ...content, createdBy: tx.identity.actor.id });
  await addRevision(tx, content);
  return content.id;
}
