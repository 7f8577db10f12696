import { LedgerFault } from '../audit/ledger/ledger-fault.js';
import { BulkheadError } from '../errors/bulkhead-error.js';

/**
 * Why something failed, for log, audit log and operator: our own messages as they are, of everything else only its kind.
 * Messages of drivers and libraries can quote statements, parameters and rows.
 */
export function failureReason(error: unknown): string {
  if (error instanceof BulkheadError || error instanceof LedgerFault) return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return failureReason(error.errors[0]);
  if (error instanceof Error === false) return 'unknown failure';
  const { code, sqlState, routine } = error as { code?: unknown; sqlState?: unknown; routine?: unknown };
  const kind = [code ?? sqlState, routine].filter((part) => typeof part === 'string' && part !== '').join(' ');
  return kind === '' ? error.name : `${error.name} ${kind}`;
}
