import { mayAct } from '../../auth/authorize.js';
import { readPath } from '../../auth/scopes/resource-path.js';
import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';
import type { Deletion } from './publish-live.js';

/**
 * Those of the deletions that the identity may know of, because it could read the resource: there is no row left that
 * row-level security could decide on, so that scopes and PostgreSQL both decide by its path.
 */
export async function readableDeletions(tx: OrgTransaction, deletions: readonly Deletion[]): Promise<Deletion[]> {
  const own = deletions.filter(({ path }) => mayAct(tx.identity, 'read', path));
  const nouns = own.map(({ path }) => readPath(path).noun);
  const paths = own.map(({ path }) => path);
  // Asked for none too: the transaction is what confirms the key.
  const rows = await tx.sql<{ path: string }[]>`
    select path from app.readable_paths(${arrayLiteral(nouns)}::text[], ${arrayLiteral(paths)}::text[]) as path`;
  const readable = new Set(rows.map(({ path }) => path));
  return own.filter(({ path }) => readable.has(path));
}
