import type postgres from 'postgres';

/**
 * Gives the role of an organization exactly what it needs inside its database, and takes what it had beside it:
 * SELECT, INSERT, UPDATE on the two tables (not on their partitions; no DELETE, no DDL), and the functions.
 * @param owner a connection as the owner of the database, whose schema is migrated
 */
export async function grantOrganizationRole(owner: postgres.Sql, role: string): Promise<void> {
  await owner.begin(async (tx) => {
    await tx`revoke all on schema public from public`;
    await tx`revoke all on all tables in schema telemetry from ${tx(role)}`;
    await tx`grant usage on schema telemetry to ${tx(role)}`;
    await tx`grant select, insert, update on telemetry.readings, telemetry.latest to ${tx(role)}`;
    await tx`grant execute on function telemetry.ensure_weeks(timestamptz[]), telemetry.begin_ingest(uuid[]),
             telemetry.refuse_thing(uuid), telemetry.forget_thing(uuid, int) to ${tx(role)}`;
  });
}
