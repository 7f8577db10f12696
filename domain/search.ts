import { eq, ilike, or, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { validate } from 'uuid';
import { requireText } from './input/text.js';

/**
 * Rows one of whose texts holds the search text, upper and lower case alike, or whose id it is.
 * @throws BulkheadError BAD_USER_INPUT outside 1–200 characters
 */
export function searchCondition(
  search: string | null | undefined,
  texts: readonly PgColumn[],
  id: PgColumn,
): SQL | undefined {
  if (search === null || search === undefined) return undefined;
  const text = requireText('search', search, { max: 200 });
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const isUuidColumn = id.getSQLType() === 'uuid';
  return or(
    ...texts.map((column) => ilike(column, pattern)),
    isUuidColumn && !validate(text) ? undefined : eq(id, text),
  );
}
