import type { ErrorCode } from './error-codes.js';

/** One repairable fault of an input: where it is and why it was refused. Never carries the refused value. */
export interface InputFault {
  /** Path of the input field, e.g. `input.frames[3].metrics.soc`. */
  readonly field: string;
  /** What is wrong with it, in words. */
  readonly reason: string;
}

/** What an error may tell the caller beside code and message. */
export interface ErrorDetails {
  /** The one input field that was refused. */
  readonly field?: string;
  /** All refused input fields, where there is more than one (at most 100 are reported). */
  readonly errors?: readonly InputFault[];
  /** Milliseconds after which a retry can succeed. */
  readonly retryAfterMs?: number;
  /** Canonical path of the resource that a change was made to, where its answer cannot say so. */
  readonly resource?: string;
  /** The error underneath; logged, never sent. */
  readonly cause?: unknown;
}

/** An error that its caller may see. Anything else that is thrown is masked as INTERNAL. */
export class BulkheadError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'BulkheadError';
    this.code = code;
    this.details = details;
  }
}

/** Input refused because of one field. */
export function invalidInput(field: string, reason: string): BulkheadError {
  return new BulkheadError('BAD_USER_INPUT', `${field}: ${reason}`, { field });
}

/** The answer for an id that does not exist and for one that the caller may not see: they must not differ. */
export function notFound(noun: string): BulkheadError {
  return new BulkheadError('NOT_FOUND', `${noun} not found`);
}

/** The answer for what the caller may see but not do. */
export function forbidden(action: string, noun: string): BulkheadError {
  return new BulkheadError('FORBIDDEN', `The key may not ${action} this ${noun}`);
}
