import postgres from 'postgres';

/** Connections to one telemetry database, as many as the product opens. */
const connectionsPerDatabase = 2;

/** A small pool for the telemetry database of each organization, opened by its first use. */
export function openTelemetryPools({ telemetry, host, port }) {
  const pools = new Map();
  const access = new Map(telemetry.map((database) => [database.orgId, database]));
  return (orgId) => {
    const known = pools.get(orgId);
    if (known !== undefined) return known;
    const { name, password } = access.get(orgId);
    const pool = postgres({
      host,
      port,
      database: name,
      username: name,
      password,
      max: connectionsPerDatabase,
      fetch_types: false,
      connection: { TimeZone: 'UTC' },
      onnotice: () => {},
    });
    pools.set(orgId, pool);
    return pool;
  };
}
