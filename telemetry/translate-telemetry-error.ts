import { translateDatabaseError } from '../db/database-errors.js';
import { BulkheadError } from '../errors/bulkhead-error.js';

/** Milliseconds after which a database that is being made, moved or given a new password is worth another try. */
const provisioningRetryMs = 2_000;

/** SQLSTATEs of a placement that does not hold (yet, or any more): no such database, wrong password, login refused. */
const placementCodes = new Set(['3D000', '28P01', '28000']);

/**
 * Turns an error of the driver into one that may leave this folder. A role that lacks a privilege in its own database is
 * a fault of ours, never of the caller, so it is not translated to FORBIDDEN.
 */
export function translateTelemetryError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && placementCodes.has(code)) {
    return new BulkheadError('TELEMETRY_PROVISIONING', 'The telemetry database of the organization is not ready', {
      retryAfterMs: provisioningRetryMs,
      cause: error,
    });
  }
  if (code === '42501')
    return new Error('the telemetry role lacks a privilege: run its grants again', { cause: error });
  return translateDatabaseError(error);
}
