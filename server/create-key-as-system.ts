import { randomUUID } from 'node:crypto';
import { appendAudit } from '../audit/append-audit.js';
import { systemIdentity } from '../auth/identity.js';
import { apiKeyPath } from '../auth/scopes/resource-path.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import type { CreatedApiKey, NewApiKey } from '../domain/api-key/create-api-key.js';
import { createOrganizationApiKey } from '../domain/organization/create-organization-api-key.js';

/** On whose behalf a key is made on the machine itself, and where. */
export interface SystemKeyRequest {
  readonly orgId: string;
  /** Part of the system that acts, as in the audit log. */
  readonly part: string;
  /** Label of the deployment in the text of the key. */
  readonly environment: string;
  readonly key: NewApiKey;
}

/** A key that may do everything in its organization. */
export const firstKey: NewApiKey = { name: 'First key', type: 'ADMIN', scopes: [{ action: '*', resourceFilter: '*' }] };

/**
 * Creates a key of an organization as the system, with its audit entry.
 * @throws BulkheadError NOT_FOUND for the organization, BAD_USER_INPUT, LIMIT_EXCEEDED
 */
export async function createKeyAsSystem(database: Database, request: SystemKeyRequest): Promise<CreatedApiKey> {
  const identity = systemIdentity(request.orgId, request.part, randomUUID());
  return withOrg(database, identity, 'write', async (tx) => {
    const created = await createOrganizationApiKey(tx, request.environment, request.key);
    await appendAudit(tx, {
      action: 'createOrganizationApiKey',
      resource: apiKeyPath(created.id),
      outcome: 'SUCCEEDED',
      change: { input: request.key },
    });
    return created;
  });
}
