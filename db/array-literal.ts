/**
 * The text of a PostgreSQL array (PostgreSQL, "Array Input and Output Syntax"), to be bound as one parameter and cast by
 * the statement: `${arrayLiteral(ids)}::uuid[]`. The driver would need a look into the catalogue to do the same.
 */
export function arrayLiteral(items: readonly (string | null)[]): string {
  return `{${items.map((item) => (item === null ? 'NULL' : `"${escaped(item)}"`)).join(',')}}`;
}

/** Most items are ids: looking is much cheaper than replacing. */
function escaped(item: string): string {
  return item.includes('"') || item.includes('\\') ? item.replace(/["\\]/g, '\\$&') : item;
}

/**
 * The texts of a one-dimensional array in PostgreSQL's text form (manual, 8.15.6): quoted elements escape `"` and `\`
 * with `\`; an unquoted element stands for itself.
 */
export function parseTextArray(literal: string): string[] {
  const items: string[] = [];
  let item = '';
  let isQuoted = false;
  for (let index = 1; index < literal.length; index += 1) {
    const character = literal.charAt(index);
    if (isQuoted) {
      if (character === '\\') {
        index += 1;
        item += literal.charAt(index);
      } else if (character === '"') isQuoted = false;
      else item += character;
    } else if (character === '"') isQuoted = true;
    else if (character === ',' || character === '}') {
      if (literal !== '{}') items.push(item);
      item = '';
    } else item += character;
  }
  return items;
}
