/**
 * What of a migration removes rows, or what holds them, for good. Of the SQL that PostgreSQL has, these: `drop` of a
 * database, schema, table, materialized view, column, type, or of all that a role owns; `truncate`; `delete`; and a
 * column that is given another type or is computed anew. Blocks (`do`) are looked into, bodies of functions are not: these
 * run later. What is put together at run time (`execute format`) is seen as far as its text goes.
 */
const destructive: readonly RegExp[] = [
  /\bdrop\s+(?:database|schema|table|materialized\s+view|type|domain|owned|foreign\s+table)\b/,
  /\balter\s+(?:foreign\s+)?table\b[^;]*?\bdrop\s+(?!constraint\b|not\b|default\b|expression\b|identity\b)[a-z_"%]/,
  /\balter\s+(?:foreign\s+)?table\b[^;]*?\balter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type\b/,
  /\btruncate\b/,
  /\bdelete\s+from\b/,
];

/** Characters of a statement that are shown. */
const shownCharacters = 80;

/**
 * The statements of a migration that remove rows or what holds them, each its beginning in one line.
 * @param text plain SQL
 */
export function destructiveStatements(text: string): string[] {
  return statementsOf(text.toLowerCase())
    .filter((statement) => destructive.some((pattern) => pattern.test(statement)))
    .map((statement) => statement.replace(/\s+/g, ' ').trim().slice(0, shownCharacters));
}

/** Literals, comments, and what stands between dollar quotes. */
const tokens = /'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|(\$\w*\$)([\s\S]*?)\1/g;

/** What stands before the body of a block. */
const beforeBlock = /\bdo\s+(?:language\s+\w+\s+)?$/;

/** Statements without comments and without bodies of functions; those of blocks one by one. */
function statementsOf(text: string): string[] {
  return plainText(text, false)
    .replace(/\bbegin\s+atomic\b[\s\S]*?\bend\s*;/g, ';')
    .split(';')
    .filter((statement) => !/^\s*(?:grant|revoke|create\s+(?:policy|trigger))\b/.test(statement));
}

/** Text in which every `;` ends a statement. */
function plainText(text: string, isInBlock: boolean): string {
  return text.replace(tokens, (token, quote: string | undefined, body: string | undefined, offset: number) => {
    if (token.startsWith("'")) return token.replaceAll(';', ' ');
    if (quote === undefined || body === undefined) return ' ';
    if (isInBlock) return body.replaceAll(';', ' ');
    return beforeBlock.test(text.slice(0, offset)) ? `;${plainText(body, true)};` : ' ';
  });
}
