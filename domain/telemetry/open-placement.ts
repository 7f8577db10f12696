import { serverHosts } from '../../db/server-hosts.js';
import type { TelemetryPlacement } from '../../telemetry/telemetry-database.js';
import { openTelemetryPassword } from '../../vault/telemetry-credential.js';
import type { SealedPlacement } from './open-things.js';

/** What a placement is opened with. */
export interface PlacementKeys {
  readonly orgId: string;
  /** Address of the operational database: placements without an address are on its cluster. */
  readonly operationalUrl: string;
  /** Key that opens the credentials of telemetry databases, 32 bytes. */
  readonly telemetryKey: Buffer;
}

/**
 * Where the telemetry of an organization is and how to log in there, its credential opened.
 * @throws SealBroken for a credential of another organization or database
 */
export function openPlacement(
  { orgId, operationalUrl, telemetryKey }: PlacementKeys,
  { host, port, databaseName, sealedPassword }: Omit<SealedPlacement, 'isReady'>,
): TelemetryPlacement {
  const ssl = tlsOf(new URLSearchParams(operationalUrl.split('?')[1]).get('sslmode'));
  return {
    orgId,
    hosts: host === null || port === null ? serverHosts(operationalUrl) : [{ host, port }],
    database: databaseName,
    role: databaseName,
    ...(ssl === undefined ? {} : { ssl }),
    password: openTelemetryPassword(telemetryKey, { orgId, databaseName }, sealedPassword),
  };
}

/** TLS to telemetry databases as to the operational one (libpq's `sslmode`). */
function tlsOf(sslMode: string | null): 'require' | 'verify-full' | undefined {
  if (sslMode === 'verify-full') return sslMode;
  return sslMode === 'require' || sslMode === 'verify-ca' || sslMode === 'prefer' ? 'require' : undefined;
}
