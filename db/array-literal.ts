/**
 * The text of a PostgreSQL array (PostgreSQL, "Array Input and Output Syntax"), to be bound as one parameter and cast by
 * the statement: `${arrayLiteral(ids)}::uuid[]`. The driver would need a look into the catalogue to do the same.
 */
export function arrayLiteral(items: readonly (string | null)[]): string {
  return `{${items.map((item) => (item === null ? 'NULL' : `"${item.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}
