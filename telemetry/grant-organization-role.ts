import type postgres from 'postgres';

/**
 * Gives the role of an organization exactly what it needs inside its database, and takes what it had beside it:
 * SELECT, INSERT, UPDATE on readings and latest (not on partitions; no DELETE, no DDL), SELECT on rollups, of which it can
 * only mark hours as stale, and the functions.
 * @param tx a transaction of the owner of the database, whose schema is migrated
 */
export async function grantOrganizationRole(tx: postgres.TransactionSql, role: string): Promise<void> {
  await tx`revoke all on schema public from public`;
  await tx`revoke all on all tables in schema telemetry from ${tx(role)}`;
  await tx`grant usage on schema telemetry to ${tx(role)}`;
  await tx`grant select, insert, update on telemetry.readings, telemetry.latest to ${tx(role)}`;
  await tx`grant select on telemetry.rollup_state, telemetry.rollup_minutes, telemetry.rollup_hours, telemetry.rollup_days
           to ${tx(role)}`;
  await tx`grant insert (thing_id, metric_id, at, is_stale), update (is_stale) on telemetry.rollup_hours to ${tx(role)}`;
  await tx`grant execute on function telemetry.ensure_weeks(timestamptz[]), telemetry.begin_write(uuid[]),
           telemetry.refuse_thing(uuid), telemetry.forget_thing(uuid, int) to ${tx(role)}`;
}
