import type DataLoader from 'dataloader';
import { forbidden } from '../errors/bulkhead-error.js';

/**
 * A related row. That it exists is known from the row that names it, so one that is not visible is FORBIDDEN.
 * @throws BulkheadError FORBIDDEN
 */
export async function loadRelated<Row>(
  loader: DataLoader<string, Row | undefined>,
  id: string,
  noun: string,
): Promise<Row> {
  const row = await loader.load(id);
  if (row === undefined) throw forbidden('read', noun);
  return row;
}
