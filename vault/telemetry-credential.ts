import { decrypt, encrypt } from './authenticated-encryption.js';
import { SealBroken } from './seal-broken.js';

/** Version of the format: the first byte. */
const formatVersion = 1;

/** Whose telemetry database it is, and its name (`t_` and 16 hex digits). */
export interface TelemetryCredentialPlace {
  readonly orgId: string;
  readonly databaseName: string;
}

/**
 * Seals the password of an organization's telemetry role for `platform.telemetry_databases`: a version byte, then
 * AES-256-GCM bound to organization and database, so that the row of one organization is worth nothing in another's.
 * @param telemetryKey 32 bytes; beside this, other keys are derived from it
 */
export function sealTelemetryPassword(telemetryKey: Buffer, place: TelemetryCredentialPlace, password: string): Buffer {
  return Buffer.concat([
    Buffer.of(formatVersion),
    encrypt(telemetryKey, Buffer.from(password, 'utf8'), bytesOf(place)),
  ]);
}

/**
 * Opens what {@link sealTelemetryPassword} made for the same place.
 * @throws SealBroken
 */
export function openTelemetryPassword(telemetryKey: Buffer, place: TelemetryCredentialPlace, sealed: Buffer): string {
  if (sealed[0] !== formatVersion) throw new SealBroken();
  return decrypt(telemetryKey, sealed.subarray(1), bytesOf(place)).toString('utf8');
}

function bytesOf({ orgId, databaseName }: TelemetryCredentialPlace): Buffer {
  return Buffer.from(`${orgId}|${databaseName}`, 'utf8');
}
