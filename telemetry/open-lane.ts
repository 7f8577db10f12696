import postgres from 'postgres';
import { probeOptions, toPrimary } from '../db/connect.js';
import type { ServerHost } from '../db/server-hosts.js';
import type { TelemetryPlacement } from './telemetry-database.js';

/** Seconds between attempts to reconnect at most; they grow from a tenth, doubling. */
const maxBackOffSeconds = 2;

/**
 * Makes one connection to a telemetry database, for a lane of work: what comes while it works waits in line. Nothing is
 * connected until the first query; types are declared by the statements themselves, so that a new connection costs no
 * look into the catalogue.
 */
export function openLane(placement: TelemetryPlacement, idleCloseMs: number): postgres.Sql {
  const { hosts, database, role: username, password } = placement;
  const [first] = hosts;
  if (first === undefined) throw new Error('a placement has a server');
  const login = { database, username, password, ssl: tlsOptions(placement.ssl) };
  const probe = ({ host, port }: ServerHost) => postgres({ ...login, ...probeOptions, host, port });
  return postgres({
    ...login,
    host: first.host,
    port: first.port,
    ...toPrimary(hosts, probe),
    max: 1,
    idle_timeout: idleCloseMs / 1000,
    connect_timeout: 5,
    backoff: (attempt) => Math.min(maxBackOffSeconds, 0.1 * 2 ** Math.max(0, attempt - 1)),
    fetch_types: false,
    prepare: true,
    connection: {
      application_name: 'bulkhead-telemetry',
      TimeZone: 'UTC',
      // Every plan starts from ids and a range of time: planning for their values would cost more than it saves.
      plan_cache_mode: 'force_generic_plan',
    },
    onnotice: () => {},
  });
}

function tlsOptions(ssl: TelemetryPlacement['ssl']): false | 'require' | 'verify-full' | object {
  if (ssl === undefined) return false;
  return typeof ssl === 'string' ? ssl : { ca: ssl.ca, rejectUnauthorized: true };
}
