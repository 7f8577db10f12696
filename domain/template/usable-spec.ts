import type { TemplateRow } from '../../db/tables/templates.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { readTemplateSpec, type TemplateSpec } from '../../integrations/templates/template-spec.js';
import { requireActive } from '../definition/soft-delete.js';

/**
 * The spec of a template that documents are to be read with.
 * @throws BulkheadError CONFLICT for a template that is deleted, or whose stored spec cannot be read
 */
export function usableSpec(template: TemplateRow): TemplateSpec {
  requireActive(template, 'template');
  const spec = readTemplateSpec(template.format, template.spec);
  if (spec === undefined) {
    throw new BulkheadError('CONFLICT', 'The stored spec of the template cannot be read: update it with a spec');
  }
  return spec;
}
