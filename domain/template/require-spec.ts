import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import {
  metricsOfSpec,
  requireTemplateSpec,
  type TemplateFormat,
  type TemplateSpec,
} from '../../integrations/templates/template-spec.js';
import { activeMetrics } from '../metric/require-metrics.js';

/**
 * The spec of an input in the shape of its format, with metrics that are active in the organization, whether the key may
 * read them or not. One may be deleted later: then its values are left out and reported.
 * @throws BulkheadError BAD_USER_INPUT that names the faults by their paths
 */
export async function requireSpec(tx: OrgTransaction, format: TemplateFormat, input: unknown): Promise<TemplateSpec> {
  const spec = requireTemplateSpec('input.spec', format, input);
  const ids = metricsOfSpec(spec);
  const active = await activeMetrics(tx, ids);
  const unknown = ids.findIndex((id) => !active.has(id));
  if (unknown >= 0) throw invalidInput(`input.spec.mappings[${unknown}].metricId`, 'is not an active metric');
  return spec;
}
