import { BulkheadError } from '../errors/bulkhead-error.js';
import type { ErrorCode } from '../errors/error-codes.js';
import { fullPackageMessage } from '../errors/full-package.js';
import { constraintFaults } from './constraint-faults.js';

/** A failure of PostgreSQL that the caller cannot repair. Carries no value of any row or parameter. */
export class DatabaseFailure extends Error {
  /** SQLSTATE, or the driver's code of a lost connection. */
  readonly sqlState: string;
  readonly constraint: string | undefined;

  constructor(sqlState: string, message: string, constraint: string | undefined) {
    super(`database failure ${sqlState}: ${message}`);
    this.name = 'DatabaseFailure';
    this.sqlState = sqlState;
    this.constraint = constraint;
  }
}

/** Codes of a connection that could not be made or was lost: of Node and of the driver. */
const unreachable = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT'],
  ...['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED', 'NO_PRIMARY'],
];
/** SQLSTATEs of a server that turns connections away, for now. */
const turnedAway = ['53300', '57P01', '57P02', '57P03'];
const connectionCodes = new Set([...unreachable, ...turnedAway]);

/** Milliseconds after which to ask again: for the answer of a request that is still running, or for a database. */
const retryAfterMs = 1000;

/** SQLSTATEs that the caller may hear of (PostgreSQL, appendix A; BH… are ours, see migrations). */
const repairable: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  BH001: ['UNAVAILABLE', 'The request could not be bound to its organization in time'],
  BH002: ['UNAUTHENTICATED', 'The key is revoked or expired'],
  BH003: ['UNAVAILABLE', 'The key was changed while the request ran'],
  BH004: ['CONFLICT', 'The organization was deleted'],
  BH006: ['DATA_PACKAGE_FULL', fullPackageMessage],
  BH010: ['IDEMPOTENCY_KEY_REUSED', 'Another request was sent with this Idempotency-Key'],
  BH011: ['IDEMPOTENCY_KEY_IN_USE', 'A request with this Idempotency-Key is still running'],
  // Its answer takes the place of this error: see `replayMutations`.
  BH012: ['UNAVAILABLE', 'The request was carried out before'],
  // The cause is another one, which is thrown instead where it is known: see `RolledBack`.
  '25P02': ['UNAVAILABLE', 'The database was changed while the request ran'],
  '57014': ['REQUEST_TIMEOUT', 'The database took too long for this request'],
  '55P03': ['UNAVAILABLE', 'The resource is being changed by another request'],
  '40P01': ['UNAVAILABLE', 'The request collided with another one'],
  '40001': ['UNAVAILABLE', 'The request collided with another one'],
  '42501': ['FORBIDDEN', 'The key may not do this'],
  '53300': ['UNAVAILABLE', 'The database has no free connection'],
  '57P01': ['UNAVAILABLE', 'The database is restarting'],
  '57P02': ['UNAVAILABLE', 'The database is restarting'],
  '57P03': ['UNAVAILABLE', 'The database is starting'],
  ...Object.fromEntries(unreachable.map((code) => [code, ['UNAVAILABLE', 'The database is not reachable'] as const])),
};

/** What passes by itself. */
const transient: readonly ErrorCode[] = ['IDEMPOTENCY_KEY_IN_USE', 'UNAVAILABLE'];

/** Errors that are known by where PostgreSQL raises them. */
const repairableAt: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  // "cached plan must not change result type": a migration ran. See `RolledBack`.
  RevalidateCachedQuery: ['UNAVAILABLE', 'The database was changed while the request ran'],
};

/**
 * Turns an error of driver or query builder into one that may leave the database layer. Details and parameters, which
 * hold values of rows, stay behind.
 */
export function translateDatabaseError(error: unknown): unknown {
  const origin = databaseError(error);
  if (origin === undefined) return error;
  const constraint = origin.constraint_name;
  const fault = constraint === undefined ? undefined : constraintFaults[constraint];
  if (fault !== undefined) {
    return new BulkheadError(fault.code, fault.message, fault.field === undefined ? {} : { field: fault.field });
  }
  const failure = new DatabaseFailure(
    origin.code,
    origin.code.length === 5 ? origin.routine : 'connection',
    constraint,
  );
  // A grant that is missing is a fault of the deployment; a row-level policy or a function of ours refuses the caller.
  const known =
    origin.routine === 'aclcheck_error' ? undefined : (repairableAt[origin.routine] ?? repairable[origin.code]);
  if (known === undefined) return failure;
  const retry = transient.includes(known[0]) ? { retryAfterMs } : {};
  return new BulkheadError(known[0], known[1], { cause: failure, ...retry });
}

/** Whether an earlier request with the same Idempotency-Key has done what this one asks for. */
export function isAlreadyDone(error: unknown): boolean {
  return databaseError(error)?.code === 'BH012';
}

/** Whether a code is that of a connection that could not be made, was lost or was turned away for now. */
export function isConnectionCode(code: string): boolean {
  return connectionCodes.has(code);
}

/** Whether `app.enter` has refused the key of a context: revoked, expired, or changed since it was looked up. */
export function isRefusalOfKey(error: unknown): boolean {
  const code = databaseError(error)?.code;
  return code === 'BH002' || code === 'BH003';
}

/** Whether a statement was refused because one before it had failed. */
export function isOfAbortedTransaction(error: unknown): boolean {
  return databaseError(error)?.code === '25P02';
}

const lost = ['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', '57P01', '25P02'];

/**
 * Whether a read may succeed on another connection: its own ended (PostgreSQL was stopped, or ended this backend), or
 * what was prepared on it is of no use any more (see `RolledBack`).
 */
export function isLostConnection(error: unknown): boolean {
  return lost.includes(databaseError(error)?.code ?? '');
}

interface ErrorOfDatabase {
  readonly code: string;
  readonly routine: string;
  readonly constraint_name: string | undefined;
  readonly name?: unknown;
  readonly cause?: unknown;
}

function databaseError(error: unknown): ErrorOfDatabase | undefined {
  if (typeof error !== 'object' || error === null || error instanceof BulkheadError) return undefined;
  const { code, routine, constraint_name, name, cause } = error as Partial<ErrorOfDatabase>;
  const fromDriver = name === 'PostgresError' || (typeof code === 'string' && code in repairable);
  if (fromDriver && typeof code === 'string') return { code, routine: routine ?? '', constraint_name };
  return databaseError(cause);
}
