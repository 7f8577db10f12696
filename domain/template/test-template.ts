import type { Identity } from '../../auth/identity.js';
import { overlaps } from '../../auth/scopes/overlaps.js';
import { templatePath } from '../../auth/scopes/resource-path.js';
import { withOrg } from '../../db/with-org.js';
import { forbidden, invalidInput } from '../../errors/bulkhead-error.js';
import { applyTemplate } from '../../integrations/templates/apply-template.js';
import type { Mapping } from '../../integrations/templates/mapping.js';
import {
  requireTemplateSpec,
  type TemplateFormat,
  type TemplateSpec,
} from '../../integrations/templates/template-spec.js';
import { getTemplate } from './get-template.js';
import type { TemplateStores } from './ingest-via-template.js';
import { usableSpec } from './usable-spec.js';

/** A document, and a template or a spec that is not stored. */
export interface TemplateTest {
  readonly id?: string | null | undefined;
  readonly format?: TemplateFormat | null | undefined;
  readonly spec?: unknown;
  /** A JSON value. */
  readonly document: unknown;
}

/**
 * Dry run of a template: what it makes of a document before any thing is looked at.
 * @throws BulkheadError NOT_FOUND, BAD_USER_INPUT; FORBIDDEN for a spec without `read` on some template; CONFLICT for a template that cannot be used; UNAVAILABLE while too many
 *   handlers wait
 */
export async function testTemplate(
  { operational, handlers }: Pick<TemplateStores, 'operational' | 'handlers'>,
  identity: Identity,
  { id, format, spec, document }: TemplateTest,
): Promise<Mapping> {
  let tested: TemplateSpec;
  if (id !== undefined && id !== null) {
    if (format ?? spec) throw invalidInput('input.id', 'must not come with format or spec');
    tested = usableSpec(await withOrg(operational, identity, 'read', (tx) => getTemplate(tx, id)));
  } else {
    if (!overlaps(identity.scopes, 'read', templatePath('#', '#'))) throw forbidden('read', 'template');
    if (!format || !spec) throw invalidInput('input.id', 'must be given, or else format and spec');
    tested = requireTemplateSpec('input.spec', format, spec);
  }
  return applyTemplate(tested, document, (source, text) => handlers.run(identity.orgId, source, text));
}
