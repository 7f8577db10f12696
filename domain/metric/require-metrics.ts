import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { isDefinitionId } from '../input/id.js';

/** Metrics of one version of a thing type at most. */
const maxMetrics = 500;

/**
 * Ids of metrics in order: at most 500, each once, each of an active metric of the organization, whether the key may
 * read it or not. Holds until the end of the transaction only after `lockDefinitions`.
 * @throws BulkheadError BAD_USER_INPUT that names the entry
 */
export async function requireMetrics(tx: OrgTransaction, field: string, ids: readonly string[]): Promise<void> {
  if (ids.length > maxMetrics) throw invalidInput(field, `must have at most ${maxMetrics} entries`);
  const repeated = ids.findIndex((id, index) => ids.indexOf(id) < index);
  if (repeated >= 0) throw invalidInput(`${field}[${repeated}]`, 'repeats an earlier entry');
  const active = await activeMetrics(tx, ids);
  const unknown = ids.findIndex((id) => !active.has(id));
  if (unknown >= 0) throw invalidInput(`${field}[${unknown}]`, 'is not an active metric');
}

/** Those of the ids that name active metrics of the organization. */
export async function activeMetrics(tx: OrgTransaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const wellFormed = ids.filter((id) => isDefinitionId(id, 'mdef'));
  if (wellFormed.length === 0) return new Set();
  const rows = await tx.sql<{ id: string }[]>`
    select id from app.existing_metrics(${arrayLiteral(wellFormed)}::text[])`;
  return new Set(rows.map((row) => row.id));
}
