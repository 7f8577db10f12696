import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import { provisionDatabase } from '../telemetry/provision-database.js';
import { ensureOrganizationKey } from '../vault/organization-keys.js';
import { openTelemetryPassword } from '../vault/telemetry-credential.js';
import { asOnlyRunner } from './as-only-runner.js';
import { failureReason } from './failure-reason.js';
import { auditedTask } from './job-audit.js';
import type { JobContext } from './job-context.js';

/** A telemetry database that is to be made. */
interface PendingDatabase {
  readonly orgId: string;
  readonly databaseName: string;
  readonly sealedPassword: Buffer;
}

/** Waiting time after failures of one organization. */
const retryBackOff = { firstMs: 2_000, lastMs: 600_000 } as const;

/** Name of the job, and of the part of the system that acts. */
const part = 'provisioning';

/**
 * Makes the telemetry database and the vault key of every new organization. Each step looks at what is there, so a run
 * that was killed anywhere is finished by the next one. What fails for one organization holds up no other; it is tried
 * again after 2 s, then after twice as long each time, up to 10 min.
 */
export class Provisioning {
  readonly #context: JobContext;
  readonly #failures = new Map<string, { attempts: number; nextAttempt: number }>();

  constructor(context: JobContext) {
    this.#context = context;
  }

  /** One run over all organizations that wait. Nothing to do, or another worker at it: no effect. */
  async run(signal: AbortSignal): Promise<void> {
    if ((await this.#due()).length === 0) return;
    await asOnlyRunner(this.#context.configuration.provisionerUrl, part, async () => {
      // Read again: another worker may have finished them while we waited for nothing but the lock.
      for (const pending of await this.#due()) {
        if (signal.aborted) return;
        await this.#provision(pending);
      }
    });
  }

  async #due(): Promise<PendingDatabase[]> {
    const identity = systemIdentity(deploymentOrgId, part, randomUUID());
    const pending = await withOrg(
      this.#context.operational,
      identity,
      'read',
      (tx) => tx.sql<PendingDatabase[]>`
        select org_id as "orgId", database_name as "databaseName", sealed_password as "sealedPassword"
        from platform.pending_provisioning()`,
    );
    return pending.filter(({ orgId }) => (this.#failures.get(orgId)?.nextAttempt ?? 0) <= Date.now());
  }

  async #provision(pending: PendingDatabase): Promise<void> {
    const { orgId, databaseName } = pending;
    try {
      await auditedTask(this.#context, {
        orgId,
        part,
        action: 'provisionTelemetry',
        intent: { database: databaseName },
        effect: async (identity) => {
          const { configuration, vault } = this.#context;
          const { provisionerUrl, telemetryKey, rootKey, deployment } = configuration;
          const password = openTelemetryPassword(telemetryKey, { orgId, databaseName }, pending.sealedPassword);
          await provisionDatabase({ provisionerUrl, database: databaseName, role: databaseName, password });
          await ensureOrganizationKey(vault, identity, rootKey, deployment);
        },
        onSuccess: async (tx) => void (await tx.sql`select platform.telemetry_ready()`),
        onFailure: async (tx, reason) => void (await tx.sql`select platform.telemetry_failed(${reason})`),
      });
      this.#failures.delete(orgId);
      this.#context.log.info({ orgId }, 'the telemetry database of an organization is ready');
    } catch (error) {
      const attempts = (this.#failures.get(orgId)?.attempts ?? 0) + 1;
      const delayMs = Math.min(retryBackOff.lastMs, retryBackOff.firstMs * 2 ** Math.min(attempts - 1, 20));
      this.#failures.set(orgId, { attempts, nextAttempt: Date.now() + delayMs });
      this.#context.log.error(
        { orgId, reason: failureReason(error), delayMs },
        'provisioning failed and is tried again',
      );
    }
  }
}
