import type { Status } from './check.js';
import { type Keeper, type Promised, promises } from './promises.js';
import type { CheckResult } from './run-posture.js';

/** What became of a promise: the worst of its checks. */
export interface PromiseResult {
  readonly id: string;
  readonly words: string;
  readonly keeper: Keeper;
  readonly status: Status;
  /** Ids of the checks that it rests on. */
  readonly checks: readonly string[];
  /** Why it is not provided, where no check could find anything. */
  readonly reason: string | null;
}

/** What the results say of the promises that rest on nothing else; those with a check that was not run are left out. */
export function judgePromises(results: readonly Pick<CheckResult, 'check' | 'status'>[]): PromiseResult[] {
  const statusOf = new Map(results.map(({ check, status }) => [check, status]));
  return promises.flatMap((promised) => {
    const statuses = promised.checks.map((check) => statusOf.get(check));
    return statuses.includes(undefined) ? [] : [judge(promised, statuses as Status[])];
  });
}

function judge({ id, words, keeper, checks: rests, reason }: Promised, statuses: readonly Status[]): PromiseResult {
  const order: readonly Status[] = ['FAIL', 'NOT_PROVIDED', 'PASS'];
  const status = order.find((one) => statuses.includes(one)) ?? 'NOT_PROVIDED';
  return {
    id,
    words,
    keeper,
    status: reason === undefined ? status : worse(status),
    checks: rests,
    reason: reason ?? null,
  };
}

/** What is known not to be provided cannot pass, whatever else is looked at. */
function worse(status: Status): Status {
  return status === 'FAIL' ? 'FAIL' : 'NOT_PROVIDED';
}
