import { requireAction } from '../../auth/authorize.js';
import { integrationPath } from '../../auth/scopes/resource-path.js';
import { type IntegrationRow, integrations } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import { catalogEntry } from '../../integrations/catalog.js';
import { type EgressPolicy, publicOnly } from '../../integrations/egress/egress-policy.js';
import { changeAttributes } from '../input/attributes.js';
import { newId } from '../input/id.js';
import { requireText } from '../input/text.js';
import { changeSettings } from './change-settings.js';
import { checkProperties } from './check-properties.js';
import { checkResources, type ResourceInput } from './check-resources.js';
import { checkTargets } from './check-targets.js';

/** A new integration; direction and type are final. */
export interface NewIntegration {
  /** 1–200 characters. */
  readonly name: string;
  readonly direction: IntegrationRow['direction'];
  /** Provider or protocol: 1–50 capitals, digits and `_`, starting with a capital. */
  readonly type: string;
  /** Settings: names with lists of texts; those of a type of the catalog are the ones that it declares. */
  readonly properties?: Readonly<Record<string, unknown>> | null | undefined;
  /** Places and things that it is for. */
  readonly resources?: readonly ResourceInput[] | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

const typePattern = /^[A-Z][A-Z0-9_]{0,49}$/;

/**
 * Creates an integration, enabled, and answers its id. A type that is not in the catalog is a plain record: nothing is
 * delivered to it and nothing accepted from it.
 * @param policy where deliveries may go
 * @throws BulkheadError FORBIDDEN without `write` on all integrations of the direction and type, or the right to
 * the thing and template that it leads to, BAD_USER_INPUT
 */
export async function createIntegration(
  tx: OrgTransaction,
  input: NewIntegration,
  policy: EgressPolicy = publicOnly,
): Promise<string> {
  const { direction, type } = input;
  if (!typePattern.test(type)) {
    throw invalidInput('input.type', 'must have 1 to 50 capitals, digits and _, and start with a capital');
  }
  requireAction(tx.identity, 'write', integrationPath(direction, type, '#'), 'integration');
  const id = newId();
  const properties = changeSettings('input.properties', {}, { set: input.properties });
  const entry = catalogEntry(direction, type);
  checkProperties(entry, policy, properties);
  if (entry !== undefined) await checkTargets(tx, properties);
  const resources = await checkResources(tx, input.resources ?? []);
  await tx.db.insert(integrations).values({
    orgId: tx.orgId,
    id,
    name: requireText('input.name', input.name, { max: 200 }),
    direction,
    type,
    properties,
    resources,
    metadata: changeAttributes('input.metadata', {}, { set: input.metadata }),
    createdBy: tx.identity.actor.id,
  });
  return id;
}
