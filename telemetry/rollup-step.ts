import type postgres from 'postgres';

/** Readings that one step is to read: about 0.1 s, for which the deletion of a thing may have to wait. */
const readingsPerStep = 100_000;

/**
 * Runs one step of the roller in a transaction that no other step, no deletion of a thing and no retention runs beside. A
 * statement of `step` sees everything that they have committed.
 * @returns undefined, without having run the step, while retention is at work
 */
export async function rollupStep<Result>(
  owner: postgres.Sql,
  step: (tx: postgres.TransactionSql) => Promise<Result>,
): Promise<Result | undefined> {
  const result = await owner.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('bulkhead:telemetry:rollup', 0))`;
    const [atRest] = await tx`select from telemetry.rollup_state where removing_before is null`;
    return atRest === undefined ? undefined : { of: await step(tx) };
  });
  return result?.of;
}

/**
 * Items for the next step, so that it reads about as many readings as it should: at most four times as many as in the
 * last one, and less where that one read too much.
 */
export function nextStepSize(size: number, readings: number): number {
  const fitting = Math.floor((size * readingsPerStep) / Math.max(1, readings));
  return Math.max(1, Math.min(fitting, size * 4, 5_000));
}
