import type postgres from 'postgres';

/** Milliseconds of a week. */
export const weekMs = 7 * 86_400_000;

/** A partition of readings. */
export interface WeekPartition {
  /** Of the table, in the schema `telemetry`. */
  readonly name: string;
  /** Epoch ms: Monday 00:00 UTC, on which its week begins. */
  readonly mondayMs: number;
}

/** The partitions that are there, oldest first. Their weeks are told by their names (`telemetry.ensure_weeks`). */
export async function weekPartitions(owner: postgres.Sql | postgres.TransactionSql): Promise<WeekPartition[]> {
  const rows = await owner<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'telemetry.readings'::regclass order by 1`;
  return rows.map(({ name }) => {
    const [, year, month, day] = /^readings_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
    if (year === undefined) throw new Error(`telemetry.${name} is no partition of a week`);
    return { name, mondayMs: Date.parse(`${year}-${month}-${day}T00:00:00Z`) };
  });
}
