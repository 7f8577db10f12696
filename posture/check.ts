import type { PostureContext } from './posture-context.js';

/** What a check has found. NOT_PROVIDED is what this product or this deployment does not have. */
export type Status = 'PASS' | 'FAIL' | 'NOT_PROVIDED';

/** A status with what it rests on: one short sentence, without secrets and without data of organizations. */
export interface Finding {
  readonly status: Status;
  readonly evidence: string;
}

/** One look at the live deployment. */
export interface Check {
  /** Kebab-case, unique. */
  readonly id: string;
  /** What holds when it passes, in a few words. */
  readonly title: string;
  /** Whether somebody is to be woken when it begins to fail (default), or it can wait until the morning. */
  readonly canWait?: true;
  /** Milliseconds after which it counts as failed (default 15,000). */
  readonly deadlineMs?: number;
  /** Looks; what it throws is a failure too. */
  readonly look: (context: PostureContext) => Promise<Finding>;
}

/** It holds. */
export function pass(evidence: string): Finding {
  return { status: 'PASS', evidence };
}

/** It does not hold. */
export function fail(evidence: string): Finding {
  return { status: 'FAIL', evidence };
}

/** There is nothing that could hold. */
export function notProvided(evidence: string): Finding {
  return { status: 'NOT_PROVIDED', evidence };
}

/** Faults that are named in evidence; of more the number is told. */
const maxNamed = 5;

/** PASS when nothing was found, else FAIL with the first faults. */
export function passUnless(faults: readonly string[], evidence: string): Finding {
  if (faults.length === 0) return pass(evidence);
  const more = faults.length > maxNamed ? ` and ${faults.length - maxNamed} more` : '';
  return fail(`${faults.slice(0, maxNamed).join('; ')}${more}`);
}
