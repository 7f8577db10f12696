import { randomUUID } from 'node:crypto';
import { systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { provisionDatabase } from '../../telemetry/provision-database.js';
import { ensureOrganizationKey } from '../../vault/organization-keys.js';
import { openTelemetryPassword } from '../../vault/telemetry-credential.js';
import { asOnlyRunnerOrLater } from '../as-only-runner.js';
import { auditedTask } from '../job-audit.js';
import type { JobContext } from '../job-context.js';
import { organizationOf } from '../organization-of.js';
import type { Task } from '../task.js';

/** Name of the part of the system that acts, in the audit log. */
const part = 'provisioning';

/**
 * Makes the telemetry database and the vault key of a new organization, in whose creation it is enqueued. Each step
 * looks at what is there, so a run that was killed anywhere is finished by the next one.
 */
export const provisionTelemetry: Task = {
  name: 'provisionTelemetry',
  concerns: 'ORGANIZATION',
  maxAttempts: 10,
  run: async (payload, context) => {
    const orgId = organizationOf(payload);
    // One that was given up for dead and another that has taken over are never at it together.
    await asOnlyRunnerOrLater(context.configuration.provisionerUrl, `${part}:${orgId}`, async () => {
      const pending = await pendingDatabase(context, orgId);
      if (pending !== undefined) await provision(context, orgId, pending);
    });
  },
};

/** A telemetry database that is to be made. */
interface PendingDatabase {
  readonly databaseName: string;
  readonly sealedPassword: Buffer;
}

async function pendingDatabase({ operational }: JobContext, orgId: string): Promise<PendingDatabase | undefined> {
  const [pending] = await withOrg(
    operational,
    systemIdentity(orgId, part, randomUUID()),
    'read',
    (tx) => tx.sql<PendingDatabase[]>`
      select database_name as "databaseName", sealed_password as "sealedPassword"
      from platform.telemetry_placement() where state = 'REQUESTED'`,
  );
  return pending;
}

async function provision(context: JobContext, orgId: string, pending: PendingDatabase): Promise<void> {
  const { databaseName, sealedPassword } = pending;
  await auditedTask(context, {
    orgId,
    part,
    action: 'provisionTelemetry',
    intent: { database: databaseName },
    effect: async (identity) => {
      const { configuration, vault, rootKeys } = context;
      const { provisionerUrl, telemetryKey, deployment } = configuration;
      const password = openTelemetryPassword(telemetryKey, { orgId, databaseName }, sealedPassword);
      await provisionDatabase({ provisionerUrl, database: databaseName, role: databaseName, password });
      await ensureOrganizationKey(vault, identity, rootKeys, deployment);
    },
    onSuccess: async (tx) => void (await tx.sql`select platform.telemetry_ready()`),
    onFailure: async (tx, reason) => void (await tx.sql`select platform.telemetry_failed(${reason})`),
  });
  context.log.info({ orgId }, 'the telemetry database of an organization is ready');
}
