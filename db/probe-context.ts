import { randomBytes } from 'node:crypto';
import type { Identity } from '../auth/identity.js';
import type { Database } from './database.js';
import { poolOf } from './pool.js';
import { signContext } from './signed-context.js';

/** Names of tables that show a row to a connection that has entered no context. */
export async function rowsWithoutContext(database: Database, tables: readonly string[]): Promise<string[]> {
  const looks = tables.map((table) => `case when exists (select from ${table}) then '${table}' end`);
  const [found] = await poolOf(database).unsafe<{ tables: string[] }[]>(
    `select array_to_json(array_remove(array[${looks.join(', ')}]::text[], null)) as tables`,
  );
  return found?.tables ?? [];
}

/** What was made of some contexts: `genuine` has to be accepted, for a refusal of the others to mean anything. */
export interface ContextProbe {
  readonly isGenuineAccepted: boolean;
  /** Which forgeries were accepted. */
  readonly accepted: readonly string[];
}

/** Enters a genuine context and forged ones, each in a transaction that is rolled back. */
export async function probeContexts(database: Database, identity: Identity): Promise<ContextProbe> {
  const connection = await poolOf(database).reserve();
  const isAccepted = async (context: string) => {
    await connection`begin`;
    try {
      await connection`select app.enter(${context})`;
      return true;
    } catch {
      return false;
    } finally {
      await connection`rollback`;
    }
  };
  try {
    const [backend] = await connection<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const pid = backend?.pid ?? 0;
    const genuine = signContext(database.contextKey, identity, 'read', pid);
    const forgeries: Readonly<Record<string, string>> = {
      'signed with another key': signContext(randomBytes(32), identity, 'read', pid),
      'of another connection': signContext(database.contextKey, identity, 'read', pid + 1),
      'changed after it was signed': genuine.replace('\nread\n', '\nwrite\n'),
      'without a signature': `${'0'.repeat(64)}${genuine.slice(64)}`,
    };
    const accepted: string[] = [];
    for (const [name, context] of Object.entries(forgeries)) if (await isAccepted(context)) accepted.push(name);
    return { isGenuineAccepted: await isAccepted(genuine), accepted };
  } finally {
    connection.release();
  }
}
