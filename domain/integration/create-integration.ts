import { requireAction } from '../../auth/authorize.js';
import { integrationPath } from '../../auth/scopes/resource-path.js';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { changeAttributes } from '../input/attributes.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { changeSettings } from './change-settings.js';

/** A new integration; direction and type are final. */
export interface NewIntegration {
  /** 1–200 characters. */
  readonly name: string;
  readonly direction: IntegrationRow['direction'];
  /** Provider or protocol: 1–50 capitals, digits and `_`, starting with a capital. */
  readonly type: string;
  /** Settings: names with lists of texts. */
  readonly properties?: Readonly<Record<string, unknown>> | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

const typePattern = /^[A-Z][A-Z0-9_]{0,49}$/;

/**
 * Creates an integration and answers its id.
 * @throws BulkheadError FORBIDDEN without `write` on all integrations of the direction and type, BAD_USER_INPUT
 */
export async function createIntegration(tx: OrgTransaction, input: NewIntegration): Promise<string> {
  const { direction, type } = input;
  if (!typePattern.test(type)) {
    throw invalidInput('input.type', 'must have 1 to 50 capitals, digits and _, and start with a capital');
  }
  requireAction(tx.identity, 'write', integrationPath(direction, type, '#'), 'integration');
  const id = newId();
  await tx.db.insert(integrations).values({
    orgId: tx.orgId,
    id,
    name: requireText('input.name', input.name, { max: 200 }),
    direction,
    type,
    properties: changeSettings('input.properties', {}, { set: input.properties }),
    metadata: changeAttributes('input.metadata', {}, { set: input.metadata }),
    createdBy: tx.identity.actor.id,
  });
  return id;
}
