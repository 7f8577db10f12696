import type postgres from 'postgres';

/**
 * PostgreSQL fails a whole statement whose sum leaves the range of a double. Values from here on are summed apart, scaled
 * down by a power of two (which is exact), so that no sum can overflow before it is known whether the result fits: not
 * in a reading's hour and not in the sum of many hours, as 10^18 values below the bound fit as well.
 */
const hugeFrom = 1e290;

/** What huge values are divided by before they are summed. */
export const hugeScale = 2 ** 64;

/** The columns of a rollup that add up, from readings of one bucket (columns `at`, `int_value`, `double_value`). */
export function totalsOfReadings(sql: postgres.Sql | postgres.TransactionSql) {
  return sql`
    count(*)::int4 as readings, sum(int_value) as int_sum,
    sum(double_value) filter (where abs(double_value) < ${hugeFrom}::float8) as plain_sum,
    sum(double_value / ${hugeScale}::float8) filter (where abs(double_value) >= ${hugeFrom}::float8) as huge_sum`;
}

/**
 * The value of a reading (its five value columns) as JSON, from which `decodeColumn` makes what is answered. Rollups keep
 * the first and last value of their bucket in this form.
 */
export function valueAsJson(sql: postgres.Sql | postgres.TransactionSql) {
  return sql`coalesce(int_value::text, double_value::text, bool_value::text, to_json(text_value)::text, json_value)`;
}
