import { createHmac } from 'node:crypto';
import postgres from 'postgres';
import { type Identity, operatorIdentity } from '../../auth/identity.js';
import type { LoginRole } from '../../db/cluster.js';
import { type Purpose, signContext } from '../../db/signed-context.js';
import type { TestDeployment } from '../support/test-deployment.js';
import type { Seed } from './seed.js';

/** The databases that the roles of the processes have. */
export type Kind = 'operational' | 'vault';

/** Roles of the processes that rows are reached with, each with its database. */
export const rowRoles = [
  ['bulkhead_gateway', 'operational'],
  ['bulkhead_worker', 'operational'],
  ['bulkhead_vault_writer', 'vault'],
  ['bulkhead_vault_reader', 'vault'],
] as const satisfies readonly (readonly [LoginRole, Kind])[];

/** Lines of a context before those of its patterns. */
const contextFields = ['org', 'pid', 'expires', 'purpose', 'revision', 'actorType', 'actorId'] as const;

/** SQLSTATE of "permission denied". */
export const denied = '42501';

/** Connections of their own, as an attacker has them who has brought SQL into a process. */
export class RawConnections {
  readonly #deployment: TestDeployment;
  readonly #open: postgres.Sql[] = [];

  constructor(deployment: TestDeployment) {
    this.#deployment = deployment;
  }

  /** One connection to any database. */
  to(url: string): postgres.Sql {
    const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
    this.#open.push(sql);
    return sql;
  }

  /** One connection with the credentials of a role. */
  as(role: LoginRole, kind: Kind = 'operational'): postgres.Sql {
    return this.to(this.#deployment.urlOf(kind, role));
  }

  /** A context as the gateway signs it for a connection. */
  contextOf(seed: Seed, pid: number, purpose: Purpose = 'write'): string {
    const identity = operatorIdentity(seed.ids.organization, 'test', 'test', null);
    return signContext(this.#deployment.operational.contextKey, identity, purpose, pid);
  }

  /** A context with other contents, signed with any key. */
  forge(
    context: string,
    changes: Partial<Record<(typeof contextFields)[number], string>>,
    key = this.#deployment.operational.contextKey,
  ): string {
    const lines = context.slice(64).split('\n');
    for (const [index, field] of contextFields.entries()) lines[index] = changes[field] ?? lines[index]!;
    const payload = lines.join('\n');
    return createHmac('sha256', key).update(payload, 'utf8').digest('hex') + payload;
  }

  /** Runs SQL on one connection under the signed context of an identity, as `withOrg` does, and rolls it back. */
  async under<T>(
    sql: postgres.Sql,
    identity: Identity,
    purpose: Purpose,
    work: (tx: postgres.TransactionSql) => Promise<T>,
  ): Promise<T> {
    const context = signContext(this.#deployment.operational.contextKey, identity, purpose, await pidOf(sql));
    return rolledBack(sql, async (tx) => {
      await tx`select app.enter(${context})`;
      return work(tx);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((sql) => sql.end({ timeout: 1 })));
  }
}

/** SQLSTATE of a statement that fails; `done` for one that does not. */
export function codeOf(statement: PromiseLike<unknown>): Promise<string> {
  return Promise.resolve(statement).then(
    () => 'done',
    (error: { code?: string }) => String(error.code),
  );
}

/** Runs `work` in a transaction that is rolled back. */
export async function rolledBack<T>(sql: postgres.Sql, work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  await sql
    .begin(async (tx) => {
      result = { value: await work(tx) };
      throw new Error('roll back');
    })
    .catch((error: unknown) => {
      if (result === undefined) throw error;
    });
  if (result === undefined) throw new Error('the work has not ended');
  return result.value;
}

/** Process id of a connection's backend. */
export async function pidOf(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row!.pid;
}
