import { randomUUID } from 'node:crypto';
import { appendAudit } from '../../audit/append-audit.js';
import { systemIdentity } from '../../auth/identity.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { withOrg } from '../../db/with-org.js';
import type { DataPackage } from '../../domain/data-package/data-package.js';
import { measureRecords } from '../../domain/data-package/measure-records.js';
import { measureTelemetry } from '../../telemetry/measure-telemetry.js';
import { connectAsProvisioner } from '../../telemetry/with-provisioner.js';
import { organizationOf } from '../organization-of.js';
import type { Task } from '../task.js';
import { telemetryDatabaseOf } from '../telemetry-organizations.js';

const part = 'measuring';

interface Noted {
  readonly before: DataPackage['state'];
  readonly state: DataPackage['state'];
  readonly limitMebibytes: number;
}

/**
 * Measures how much data an organization has, and records in its audit log when that has come near its limit, reached it,
 * or left it.
 */
export const measureData: Task = {
  name: 'measureData',
  concerns: 'ORGANIZATION',
  maxAttempts: 3,
  run: async (payload, context) => {
    const orgId = organizationOf(payload);
    const identity = systemIdentity(orgId, part, randomUUID());
    const recordBytes = await measureRecords(context.operational, identity);
    const database = await telemetryDatabaseOf(context, orgId, part);
    const owner = connectAsProvisioner(context.configuration.provisionerUrl, database);
    const telemetryBytes = await measureTelemetry(owner).finally(() => owner.end({ timeout: 5 }));
    await withOrg(context.operational, identity, 'write', async (tx) => {
      const [noted] = await tx.sql<Noted[]>`
        select old_state as before, state, limit_mebibytes as "limitMebibytes"
        from platform.note_data_size(${recordBytes}, ${telemetryBytes})`;
      if (noted === undefined || noted.before === noted.state) return;
      const { before, ...after } = noted;
      await appendAudit(tx, {
        action: 'measureData',
        resource: organizationPath(orgId),
        outcome: 'SUCCEEDED',
        change: { before: { state: before }, ...after, recordBytes, telemetryBytes },
      });
    });
  },
};
