import { appendAudit } from '../../audit/append-audit.js';
import { generateKey } from '../../auth/api-keys/key-format.js';
import { deploymentOrgId, systemIdentity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { requireText } from '../input/text.js';

/** An operator whose key can be shown, this once. */
export interface CreatedOperator {
  readonly id: string;
  /** The whole text of the key; only the SHA-256 of its secret part is stored. */
  readonly text: string;
}

/** Who asks for an operator, and by what name. */
export interface NewOperator {
  /** 1–200 characters, unique. */
  readonly name: string;
  /** Label of the deployment in the text of the key. */
  readonly environment: string;
  /** As in logs and audit entries. */
  readonly requestId: string;
}

/**
 * Creates an operator: from the machine itself only, so the system acts, and the entry is in the audit log of the
 * deployment.
 * @throws BulkheadError BAD_USER_INPUT, CONFLICT for a name in use
 */
export async function createOperator(database: Database, operator: NewOperator): Promise<CreatedOperator> {
  const name = requireText('name', operator.name, { max: 200 });
  const { id, text, secretHash } = generateKey('OPERATOR', operator.environment);
  const identity = systemIdentity(deploymentOrgId, 'operator create', operator.requestId);
  await withOrg(database, identity, 'write', async (tx) => {
    await tx.sql`select platform.create_operator(${id}, ${name}, ${secretHash})`;
    await appendAudit(tx, {
      action: 'createOperator',
      resource: `OPERATOR/${id}`,
      outcome: 'SUCCEEDED',
      change: { input: { name } },
    });
  });
  return { id, text };
}
