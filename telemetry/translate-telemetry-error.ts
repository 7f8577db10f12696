import { isConnectionCode, translateDatabaseError } from '../db/database-errors.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { databaseErrorCode } from './database-error-code.js';

/** Milliseconds after which a database that is being made, moved or given a new password is worth another try. */
const provisioningRetryMs = 2_000;

/** Milliseconds after which a server that is restarting, or has no session to spare, is worth another try. */
const connectionRetryMs = 1_000;

/**
 * SQLSTATEs of a placement that does not hold (yet, or any more): no such database, wrong password, login refused; and of a
 * schema that is older than this version, which the worker brings up to date: no such table, column or function.
 */
const placementCodes = new Set(['3D000', '28P01', '28000', '42P01', '42703', '42883']);

/**
 * Turns an error of the driver into one that may leave this folder. A role that lacks a privilege in its own database is
 * a fault of ours, never of the caller, so it is not translated to FORBIDDEN.
 */
export function translateTelemetryError(error: unknown): unknown {
  const code = databaseErrorCode(error);
  if (error instanceof BulkheadError || code === undefined) return error;
  if (placementCodes.has(code)) {
    return new BulkheadError('TELEMETRY_PROVISIONING', 'The telemetry database of the organization is not ready', {
      retryAfterMs: provisioningRetryMs,
      cause: error,
    });
  }
  if (isConnectionCode(code)) {
    return new BulkheadError('UNAVAILABLE', 'The telemetry database is not reachable', {
      retryAfterMs: connectionRetryMs,
      cause: error,
    });
  }
  if (code === '42501')
    return new Error('the telemetry role lacks a privilege: run its grants again', { cause: error });
  return translateDatabaseError(error);
}
