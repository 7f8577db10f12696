import { BulkheadError } from '../errors/bulkhead-error.js';
import { textOf } from './xml-element.js';

/** What a bucket has answered. */
export interface BucketAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Statuses of a store that is busy, starting or failing: the same request may succeed a moment later. */
const passing = new Set([429, 500, 502, 503, 504]);
/** Codes of connections that were refused or lost. */
const lost = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'EAI_AGAIN']);

/** What the code of S3 means where its name does not say what to do. */
const remedies: Readonly<Record<string, string>> = {
  RequestTimeTooSkewed: 'the clock of this machine, or of the store, is wrong',
  SignatureDoesNotMatch: 'look at the secret and the region',
  AccessDenied: 'the access key may not do this: it needs to list, get, put and delete',
};

/** Whether an answer, or what came instead of one, may be another one a moment later. */
export function isPassing(found: unknown): boolean {
  const { status } = found as Partial<BucketAnswer>;
  return status === undefined ? lost.has(String(codeOf(found))) : passing.has(status);
}

/** The error for an answer that is none: UNAVAILABLE with its status, and the code that S3 gives. */
export function bucketFault({ status, body }: BucketAnswer): BulkheadError {
  const [code] = /^[A-Za-z]{1,60}$/.exec(textOf(body.toString('utf8'), 'Code')) ?? [];
  const remedy = code === undefined ? undefined : remedies[code];
  const said = [`the bucket answers ${status}`, code].filter((part) => part !== undefined).join(' ');
  return new BulkheadError('UNAVAILABLE', remedy === undefined ? said : `${said}: ${remedy}`);
}

/** The error for a request that got no answer. */
export function unansweredFault(error: unknown, timeoutMs: number): BulkheadError {
  const isLate = (error as { name?: unknown }).name === 'TimeoutError';
  const why = isLate
    ? `has not answered within ${timeoutMs / 1000} s`
    : `is not reached: ${codeOf(error) ?? 'no answer'}`;
  return new BulkheadError('UNAVAILABLE', `the bucket ${why}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return [cause?.code, code].find((one) => typeof one === 'string') as string | undefined;
}
