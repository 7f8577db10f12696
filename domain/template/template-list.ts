import { eq } from 'drizzle-orm';
import { type TemplateRow, templateRevisions, templates } from '../../db/tables/templates.js';
import { type Lifecycle, lifecycleCondition } from '../definition/lifecycle.js';
import type { ListQuery } from '../read-page.js';
import { searchCondition } from '../search.js';

/** Restricts a list of templates; conditions add up, null and absent restrict nothing. */
export interface TemplateListFilter {
  readonly target?: TemplateRow['target'] | null | undefined;
  readonly format?: TemplateRow['format'] | null | undefined;
  readonly lifecycle: Lifecycle;
  /** Only templates whose name or description holds this text or whose id it is; 1–200 characters. */
  readonly search?: string | null | undefined;
}

/**
 * Templates that the reader may see.
 * @throws BulkheadError BAD_USER_INPUT for a search text outside 1–200 characters
 */
export function templateList({ target, format, lifecycle, search }: TemplateListFilter): ListQuery {
  const { id, name, description, deletedAt } = templates;
  return {
    name: `templates:${JSON.stringify([target ?? null, format ?? null, lifecycle, search ?? null])}`,
    table: templates,
    conditions: [
      target === null || target === undefined ? undefined : eq(templates.target, target),
      format === null || format === undefined ? undefined : eq(templates.format, format),
      lifecycleCondition(lifecycle, deletedAt),
      searchCondition(search, [name, description], id),
    ],
  };
}

/** Revisions of all templates that the reader may see. */
export const templateRevisionList: ListQuery = { name: 'templateRevisions', table: templateRevisions, conditions: [] };
