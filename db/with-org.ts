import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type postgres from 'postgres';
import type { IdempotencyClaim } from '../auth/idempotency-claim.js';
import type { Identity } from '../auth/identity.js';
import { traced } from '../tracing/traced.js';
import type { Database } from './database.js';
import { isAlreadyDone, isOfAbortedTransaction, isRefusalOfKey, translateDatabaseError } from './database-errors.js';
import type { BoundValue, LaneTurn } from './lane-turn.js';
import { lanesOf } from './pool.js';
import { RolledBack } from './rolled-back.js';
import { type Purpose, signContext } from './signed-context.js';

/** Makes statements from templates: every value is a parameter, or itself a statement to be set in. */
export type SqlTemplate = <Rows extends readonly (object | undefined)[] = postgres.Row[]>(
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
) => postgres.PendingQuery<Rows>;

/** A transaction that has entered the signed context of an identity; worth nothing after `work` has returned. */
export interface OrgTransaction {
  /** The organization that every statement also binds itself, so that either layer of isolation holds alone. */
  readonly orgId: string;
  readonly identity: Identity;
  readonly purpose: Purpose;
  /** Typed queries. */
  readonly db: PostgresJsDatabase;
  /** Plain statements; parameters only by interpolation. Sent when awaited or by `execute()`. */
  readonly sql: SqlTemplate;
  /** Sends a text of names and `$1`, `$2`, ... at once, and answers rows as lists of values; see `row-statements.ts`. */
  readonly send: (text: string, params: readonly BoundValue[]) => PromiseLike<readonly (readonly unknown[])[]>;
  /** Key that authenticates cursors of lists. */
  readonly cursorKey: Buffer;
}

/**
 * What `work` answers when its last statements have been sent and not awaited: they travel with the commit. `value` is
 * to settle with them; what it throws although they succeeded is thrown after the commit.
 */
export class LastStatements<T> {
  readonly value: Promise<T>;

  constructor(value: Promise<T>) {
    this.value = value;
    // Where the commit itself fails nobody asks for it.
    value.catch(() => {});
  }
}

/** What is planned here runs once or seldom on a connection: PostgreSQL chooses between custom and generic plans. */
const begin = 'begin; set local plan_cache_mode = auto';

const claimKey = `
  select floor(date_part('epoch', app.claim_idempotency_key($1, decode($2, 'hex'), $3)) * 1000) as "sinceMs"`;

/**
 * The only door to rows, beside `readWithOrg`: runs `work` in one transaction under the identity's signed context, with
 * row-level security showing what its scopes allow. Commits when `work` resolves, else rolls back. The beginning and
 * the context travel with the first statement of `work`, the commit with its `LastStatements`. The first transaction
 * that writes for a request with an Idempotency-Key claims the key.
 *
 * Keep it short, one loader batch or one mutation, and never wait for the network inside.
 * @throws BulkheadError for what the caller can repair (broken constraints, revoked key, time-outs); anything else is a
 * DatabaseFailure without values
 */
export async function withOrg<T>(
  database: Database,
  identity: Identity,
  purpose: Purpose,
  work: (tx: OrgTransaction) => Promise<T | LastStatements<T>>,
): Promise<T> {
  try {
    return await traced('transaction', { purpose }, (span) =>
      lanesOf(database).use(async (turn) => {
        try {
          return await transact(turn, database, identity, purpose, work);
        } finally {
          span.note({ statements: turn.sent.length });
        }
      }),
    );
  } catch (error) {
    if (isRefusalOfKey(error)) identity.fate.isRefused = true;
    if (identity.fate.claim !== undefined && isAlreadyDone(error)) identity.fate.claim.state = 'ANSWERED';
    throw translateDatabaseError(error);
  }
}

async function transact<T>(
  turn: LaneTurn,
  database: Database,
  identity: Identity,
  purpose: Purpose,
  work: (tx: OrgTransaction) => Promise<T | LastStatements<T>>,
): Promise<T> {
  const context = signContext(database.contextKey, identity, purpose, turn.pid);
  // Not awaited: should one fail, PostgreSQL refuses all that follow, and its error is the one to be thrown.
  const opening = [turn.command(begin), turn.send('select app.enter($1)', [context])];
  const claim = openClaim(database, identity, purpose);
  if (claim !== undefined) opening.push(turn.send(claimKey, [claim.key, claim.fingerprint, claim.scopes]));
  const entered = Promise.all(opening);
  entered.then(
    () => {
      identity.fate.isEntered = true;
    },
    () => {},
  );
  let outcome: T | LastStatements<T>;
  try {
    outcome = await work(transactionOn(turn, database, identity, purpose));
  } catch (error) {
    await turn.command('rollback').catch(() => {});
    await entered;
    // A statement before it that nobody waited for yet is the cause.
    if (isOfAbortedTransaction(error)) await Promise.all(turn.sent);
    throw error;
  }
  const committed = turn.command('commit');
  committed.catch(() => {});
  await entered;
  if (purpose === 'write') identity.fate.isWritten = true;
  if ((await committed).command !== 'COMMIT') {
    await Promise.all(turn.sent);
    throw new RolledBack();
  }
  if (claim !== undefined) noteClaimed(claim, (await entered)[2]);
  return outcome instanceof LastStatements ? outcome.value : outcome;
}

function noteClaimed(claim: IdempotencyClaim, rows: readonly postgres.Row[] | undefined): void {
  claim.state = 'CLAIMED';
  const sinceMs: unknown = rows?.[0]?.['sinceMs'];
  if (typeof sinceMs === 'number') claim.resumedSinceMs = sinceMs;
}

/** The claim that a transaction has to make before anything else: the first one that writes, of a request with a key. */
function openClaim(database: Database, { fate }: Identity, purpose: Purpose): IdempotencyClaim | undefined {
  const { claim } = fate;
  return claim?.state === 'OPEN' && purpose === 'write' && claim.database === database ? claim : undefined;
}

function transactionOn(turn: LaneTurn, database: Database, identity: Identity, purpose: Purpose): OrgTransaction {
  let db: PostgresJsDatabase | undefined;
  return {
    orgId: identity.orgId,
    identity,
    purpose,
    get db() {
      db ??= drizzle({
        options: turn.options,
        unsafe: (text: string, params: BoundValue[]) => turn.send(text, params),
      } as unknown as postgres.Sql);
      return db;
    },
    sql: ((strings: TemplateStringsArray, ...values: readonly unknown[]) =>
      turn.statement(strings, values)) as SqlTemplate,
    send: (text, params) => turn.send(text, params).values(),
    cursorKey: database.cursorKey,
  };
}
