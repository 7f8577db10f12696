import { appendAudit } from '../../audit/append-audit.js';
import type { Identity } from '../../auth/identity.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import type { Database } from '../../db/database.js';
import { organizations } from '../../db/tables/organizations.js';
import { withOrg } from '../../db/with-org.js';
import { newDatabaseName, newDatabasePassword } from '../../telemetry/database-name.js';
import { sealTelemetryPassword } from '../../vault/telemetry-credential.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';

/**
 * Creates an organization and asks for its telemetry database, which the worker provisions within seconds. Both, and the
 * audit entry, or none.
 * @param telemetryKey key that seals the password of the telemetry role, 32 bytes
 * @param actorIdentityFor the operator or the system, acting on the organization with this id
 * @param name 1–200 characters
 * @returns id of the organization
 * @throws BulkheadError BAD_USER_INPUT, FORBIDDEN for an actor who is neither
 */
export async function createOrganization(
  database: Database,
  telemetryKey: Buffer,
  actorIdentityFor: (orgId: string) => Identity,
  name: string,
): Promise<string> {
  requireText('input.name', name, { max: 200 });
  const orgId = newId();
  const databaseName = newDatabaseName();
  const sealedPassword = sealTelemetryPassword(telemetryKey, { orgId, databaseName }, newDatabasePassword());
  await withOrg(database, actorIdentityFor(orgId), 'write', async (tx) => {
    await tx.db.insert(organizations).values({ orgId: tx.orgId, name, createdBy: tx.identity.actor.id });
    await tx.sql`select platform.register_organization(${databaseName}, ${sealedPassword})`;
    await appendAudit(tx, {
      action: 'createOrganization',
      resource: organizationPath(orgId),
      outcome: 'SUCCEEDED',
      change: { input: { name } },
    });
  });
  return orgId;
}
