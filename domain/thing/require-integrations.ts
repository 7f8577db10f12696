import { validate } from 'uuid';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';

/** Integrations that one thing takes part in at most. */
const maxIntegrations = 50;

/**
 * The ids without repetitions, each of an integration of the organization, whether the actor may read it or not.
 * @throws BulkheadError BAD_USER_INPUT
 */
export async function requireIntegrations(tx: OrgTransaction, ids: readonly string[]): Promise<string[]> {
  const field = 'input.integrationIds';
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))];
  if (wanted.length > maxIntegrations) throw invalidInput(field, `must have at most ${maxIntegrations} entries`);
  if (wanted.length === 0) return [];
  // The text of a PostgreSQL array: UUIDs need no quotes in it.
  const possible = `{${wanted.filter((id) => validate(id)).join(',')}}`;
  const rows = await tx.sql<{ id: string }[]>`select id from app.existing_integrations(${possible}::uuid[])`;
  const known = new Set(rows.map((row) => row.id));
  const index = ids.findIndex((id) => !known.has(id.toLowerCase()));
  if (index >= 0) throw invalidInput(`${field}[${index}]`, 'is not an integration');
  return wanted;
}
