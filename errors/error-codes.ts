/** What the registry knows of one error code. */
export interface ErrorCodeEntry {
  /** HTTP status when every root field of the operation failed with this code. */
  readonly status: number;
  /** Short title of the problem (RFC 9457 `title`). */
  readonly title: string;
  /** One line on what the caller can do about it. */
  readonly remedy: string;
}

/**
 * The one registry of error codes: what a client finds in `extensions.code`.
 * A code is never reused for another meaning. `docs/errors.md` lists the same codes; a test compares the two.
 */
export const errorCodes = {
  UNAUTHENTICATED: {
    status: 401,
    title: 'Not authenticated',
    remedy: 'Send a valid key in X-Api-Key or Authorization: Bearer.',
  },
  FORBIDDEN: { status: 403, title: 'Not allowed', remedy: 'Use a key whose scopes cover the resource.' },
  ADDRESS_NOT_ALLOWED: {
    status: 403,
    title: 'Address not allowed',
    remedy: 'Call from an address in the allow-list of the key.',
  },
  NOT_FOUND: { status: 404, title: 'Not found', remedy: 'Check the id; what a key may not see is not found either.' },
  CONFLICT: { status: 409, title: 'Conflict', remedy: 'Resolve the conflict that the message names, then try again.' },
  CONFIRMATION_REQUIRED: {
    status: 409,
    title: 'Confirmation required',
    remedy: 'Look at what would go, then send it with confirm: true.',
  },
  BAD_USER_INPUT: { status: 422, title: 'Invalid input', remedy: 'Correct the field that the error names.' },
  UNKNOWN_METRIC: {
    status: 422,
    title: 'Unknown metric',
    remedy: 'Use a metric of the thing type version that the thing is bound to.',
  },
  RAW_WINDOW_TOO_LARGE: {
    status: 422,
    title: 'Raw window too large',
    remedy: 'Ask for at most 24 hours, or give bin: { unit, value }.',
  },
  TOO_MANY_METRICS: { status: 422, title: 'Too many metrics', remedy: 'Ask for at most 20 metrics of a place.' },
  TOO_MANY_POINTS: { status: 422, title: 'Too many points', remedy: 'Shorten the window or widen the bins.' },
  LIMIT_EXCEEDED: { status: 422, title: 'Limit exceeded', remedy: 'Delete what is not needed, or ask the operator.' },
  DATA_PACKAGE_FULL: {
    status: 422,
    title: 'Data package full',
    remedy: 'Delete data, or ask the operator for a larger package.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: 'Idempotency-Key not usable',
    remedy: 'Send 1–255 printable characters, for one root field.',
  },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    title: 'Request still running',
    remedy: 'Wait retryAfterMs, then send the same request again.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency-Key of another request',
    remedy: 'Use a new key for each new request.',
  },
  SECRET_SHOWN_ONCE: {
    status: 410,
    title: 'Secret shown once',
    remedy: 'The change was made; rotate the key for a new secret.',
  },
  ANSWER_NOT_KEPT: {
    status: 410,
    title: 'Answer not kept',
    remedy: 'The change was made; read what it changed.',
  },
  RATE_LIMITED: { status: 429, title: 'Rate limit exceeded', remedy: 'Wait retryAfterMs, then try again.' },
  TELEMETRY_PROVISIONING: {
    status: 503,
    title: 'Telemetry database not ready',
    remedy: 'Wait retryAfterMs, then try again.',
  },
  VAULT_PROVISIONING: { status: 503, title: 'Vault not ready', remedy: 'Wait retryAfterMs, then try again.' },
  OPERATION_TOO_COMPLEX: {
    status: 400,
    title: 'Operation too complex',
    remedy: 'Ask for less: the message names the bound that was passed.',
  },
  GRAPHQL_PARSE_FAILED: { status: 400, title: 'Syntax error', remedy: 'Correct the document.' },
  GRAPHQL_VALIDATION_FAILED: {
    status: 400,
    title: 'Invalid document',
    remedy: 'Check the document with schema.graphql.',
  },
  BAD_REQUEST: { status: 400, title: 'Bad request', remedy: 'Follow the GraphQL over HTTP specification.' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed', remedy: 'Send mutations by POST.' },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'Not acceptable',
    remedy: 'Accept application/graphql-response+json or application/json.',
  },
  REQUEST_TIMEOUT: { status: 408, title: 'Request took too long', remedy: 'Ask for less in one request.' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'Body too large', remedy: 'Send at most 1 MiB in one request.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    remedy: 'Send application/json in UTF-8.',
  },
  UNAVAILABLE: { status: 503, title: 'Temporarily unavailable', remedy: 'Try again shortly.' },
  INTERNAL: { status: 500, title: 'Internal error', remedy: 'Report the request id to the operator.' },
} as const satisfies Record<string, ErrorCodeEntry>;

/** A code of the registry. */
export type ErrorCode = keyof typeof errorCodes;
