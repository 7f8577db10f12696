/** One error of an answer, as the API gives it. */
export interface AnswerError {
  readonly message: string;
  readonly extensions?: {
    readonly code?: string;
    readonly field?: string;
    readonly errors?: readonly { readonly field: string; readonly reason: string }[];
    readonly retryAfterMs?: number;
  };
}

/** The API refused an operation, or could not be reached for longer than the caller wanted to wait. */
export class ApiFailure extends Error {
  /** Code of the first error (see docs/errors.md), or `REFUSED_CONNECTION`, `UNREACHABLE`, `NOT_BULKHEAD`. */
  readonly code: string;
  readonly errors: readonly AnswerError[];

  constructor(code: string, message: string, errors: readonly AnswerError[] = []) {
    super(message);
    this.name = 'ApiFailure';
    this.code = code;
    this.errors = errors;
  }
}
