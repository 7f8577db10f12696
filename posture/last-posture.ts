import type { OrgTransaction } from '../db/with-org.js';
import type { Status } from './check.js';
import { checks } from './checks.js';
import type { CheckResult } from './run-posture.js';

/** A run that was kept. */
export interface KeptRun {
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** In the order of the checks; those of checks that are no more are left out. */
  readonly results: readonly CheckResult[];
}

interface ResultRow {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly check: string;
  readonly status: Status;
  readonly evidence: string;
  readonly at: string;
  readonly durationMs: number;
}

/**
 * The newest run that was kept; null before the first. The transaction must be an operator's or the system's.
 * @throws BulkheadError FORBIDDEN for other actors
 */
export async function lastPosture(tx: OrgTransaction): Promise<KeptRun | null> {
  const rows = await tx.sql<ResultRow[]>`
    select started_at as "startedAt", ended_at as "endedAt", check_id as check, status, evidence, looked_at as at,
           duration_ms as "durationMs"
    from platform.last_posture()`;
  const [first] = rows;
  if (first === undefined) return null;
  const results = checks.flatMap(({ id }) => {
    const row = rows.find(({ check }) => check === id);
    return row === undefined ? [] : [resultOf(row)];
  });
  return { startedAt: new Date(first.startedAt), endedAt: new Date(first.endedAt), results };
}

/** Ids of the checks that have passed in one of the runs that are kept. The transaction must be the system's. */
export async function passedChecks(tx: OrgTransaction): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ id: string }[]>`select passed as id from platform.passed_checks() passed`;
  return new Set(rows.map(({ id }) => id));
}

function resultOf({ check, status, evidence, at, durationMs }: ResultRow): CheckResult {
  return { check, status, evidence, at: new Date(at), durationMs };
}

/** Keeps the results of a run, for 30 days at one an hour. */
export async function keepPosture(tx: OrgTransaction, startedAt: Date, results: readonly CheckResult[]): Promise<void> {
  await tx.sql`
    select platform.keep_posture(${startedAt.toISOString()}::timestamptz, ${JSON.stringify(results)}::text::jsonb)`;
}
