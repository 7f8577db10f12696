import { BulkheadError } from '../errors/bulkhead-error.js';
import { type Check, type Finding, fail } from './check.js';
import { checks } from './checks.js';
import type { PostureContext } from './posture-context.js';

/** What a check has found, when, and how long that took. */
export interface CheckResult extends Finding {
  readonly check: string;
  readonly at: Date;
  readonly durationMs: number;
}

/** Milliseconds after which a check that names no deadline counts as failed. */
const deadlineMs = 15_000;

/** Names of the faults of systems, which are safe to be shown. */
const codeForm = /^[A-Z0-9_]{3,40}$/;

/** Runs one check: it has a deadline, and what it throws is a failure. */
export async function runCheck(check: Check, context: PostureContext): Promise<CheckResult> {
  const at = new Date();
  const begin = performance.now();
  const finding = await withDeadline(check, context);
  return { check: check.id, ...finding, at, durationMs: Math.round(performance.now() - begin) };
}

/**
 * Runs checks one after the other, so that they disturb nobody.
 * @param chosen which of them (default all)
 * @param onResult is told each result when it is there
 */
export async function runPosture(
  context: PostureContext,
  chosen: readonly Check[] = checks,
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of chosen) {
    const result = await runCheck(check, context);
    onResult(result);
    results.push(result);
  }
  return results;
}

async function withDeadline(check: Check, context: PostureContext): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const limitMs = check.deadlineMs ?? deadlineMs;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => resolve(fail(`no answer within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([check.look(context), late]);
  } catch (error) {
    return fail(`could not look: ${faultOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Kind of a fault without values: messages of the database and of the system can quote what they are about. */
function faultOf(error: unknown): string {
  if (error instanceof BulkheadError) return error.message;
  const { code, cause, name } = error as { code?: unknown; cause?: { code?: unknown }; name?: unknown };
  const known = [code, cause?.code].find((one) => typeof one === 'string' && codeForm.test(one));
  return String(known ?? name ?? 'unknown');
}
