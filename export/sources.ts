import { randomUUID } from 'node:crypto';
import { systemIdentity } from '../auth/identity.js';
import { OrgSnapshot } from '../db/org-snapshot.js';
import { openPlacement } from '../domain/telemetry/open-placement.js';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { TelemetrySnapshot } from '../telemetry/telemetry-snapshot.js';

/** How the stores of a deployment are reached by what makes archives. */
export interface ExportAccess {
  /** Operational database as `bulkhead_worker`. */
  readonly operationalUrl: string;
  /** Vault as `bulkhead_vault_reader`. */
  readonly vaultUrl: string;
  /** Key that signs contexts, 32 bytes. */
  readonly contextKey: Buffer;
  /** Key that opens the credentials of telemetry databases, 32 bytes. */
  readonly telemetryKey: Buffer;
  /** Id of the deployment. */
  readonly deployment: string;
}

/** One organization in all its stores, each as it was at one instant. */
export interface ExportSources {
  readonly organization: { readonly id: string; readonly name: string; readonly retentionDays: number };
  readonly operational: OrgSnapshot;
  readonly vault: OrgSnapshot;
  readonly telemetry: TelemetrySnapshot;
  readonly deployment: string;
  /** Closes what is still open. */
  close(): Promise<void>;
}

/** Milliseconds after which it can be tried again to export an organization that is being provisioned. */
const provisioningRetryMs = 2_000;

/**
 * Takes the three snapshots, one right after the other: the operational database first, so that readings and secrets of
 * everything that it holds are there, unless they were removed in that moment.
 * @param part part of the system that acts
 * @throws BulkheadError NOT_FOUND for the organization, TELEMETRY_PROVISIONING, UNAVAILABLE
 */
export async function openSources(access: ExportAccess, orgId: string, part: string): Promise<ExportSources> {
  const identity = systemIdentity(orgId, part, randomUUID());
  const { contextKey } = access;
  const applicationName = 'bulkhead export';
  const open: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(open.map((snapshot) => snapshot.close()));
  };
  const opened = <T extends { close(): Promise<void> }>(snapshot: T): T => {
    open.push(snapshot);
    return snapshot;
  };
  try {
    const operational = opened(
      await OrgSnapshot.open({ url: access.operationalUrl, contextKey, applicationName }, identity),
    );
    const organization = await organizationOf(operational);
    const telemetry = opened(await TelemetrySnapshot.open(await placementOf(access, operational)));
    const vault = opened(await OrgSnapshot.open({ url: access.vaultUrl, contextKey, applicationName }, identity));
    return { organization, operational, vault, telemetry, deployment: access.deployment, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function organizationOf(snapshot: OrgSnapshot): Promise<ExportSources['organization']> {
  const [[name, retentionDays] = []] = await snapshot.all(
    'select name, retention_days::text from app.organizations where org_id = $1::uuid',
    [snapshot.orgId],
  );
  if (typeof name !== 'string') throw new BulkheadError('NOT_FOUND', 'organization not found');
  return { id: snapshot.orgId, name, retentionDays: Number(retentionDays) };
}

async function placementOf({ operationalUrl, telemetryKey }: ExportAccess, snapshot: OrgSnapshot) {
  const [[host = null, port = null, databaseName, sealedPassword, state] = []] = await snapshot.all(
    `select host, port::text, database_name, encode(sealed_password, 'base64'), state from platform.telemetry_placement()`,
  );
  if (typeof databaseName !== 'string' || typeof sealedPassword !== 'string' || state !== 'READY') {
    throw new BulkheadError('TELEMETRY_PROVISIONING', 'The telemetry database is being provisioned', {
      retryAfterMs: provisioningRetryMs,
    });
  }
  return openPlacement(
    { orgId: snapshot.orgId, operationalUrl, telemetryKey },
    {
      host,
      port: port === null ? null : Number(port),
      databaseName,
      sealedPassword: Buffer.from(sealedPassword, 'base64'),
    },
  );
}
