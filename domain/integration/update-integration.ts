import type { IntegrationRow } from '../../db/tables/things.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { catalogEntry } from '../../integrations/catalog.js';
import { type EgressPolicy, publicOnly } from '../../integrations/egress/egress-policy.js';
import { changeRow, type RowChange } from '../change-row.js';
import { changeAttributes } from '../input/attributes.js';
import { requireText } from '../input/text.js';
import { changeSettings } from './change-settings.js';
import { checkProperties } from './check-properties.js';
import { checkResources, type ResourceInput } from './check-resources.js';
import { checkTargets } from './check-targets.js';
import { lockIntegration, writableIntegrations } from './lock-integration.js';

/** Fields of an integration to change: absent stays. */
export interface IntegrationChange {
  readonly id: string;
  readonly name?: string | null | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | null | undefined;
  readonly propertiesToDelete?: readonly string[] | null | undefined;
  /** Instead of those before; null for none. */
  readonly resources?: readonly ResourceInput[] | null | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  readonly metadataToDelete?: readonly string[] | null | undefined;
}

/**
 * Changes an integration and answers it before and after.
 * @param policy where deliveries may go
 * @throws BulkheadError NOT_FOUND, FORBIDDEN, BAD_USER_INPUT
 */
export async function updateIntegration(
  tx: OrgTransaction,
  input: IntegrationChange,
  policy: EgressPolicy = publicOnly,
): Promise<RowChange<IntegrationRow>> {
  const before = await lockIntegration(tx, input.id);
  const entry = catalogEntry(before.direction, before.type);
  const properties = changeSettings('input.properties', before.properties, {
    set: input.properties,
    remove: input.propertiesToDelete,
  });
  if (JSON.stringify(properties) !== JSON.stringify(before.properties)) {
    checkProperties(entry, policy, properties, before.properties);
    if (entry !== undefined) await checkTargets(tx, properties, before.properties);
  }
  const resources = input.resources === undefined ? {} : { resources: await checkResources(tx, input.resources ?? []) };
  return changeRow(tx, writableIntegrations, before, {
    ...(input.name === undefined ? {} : { name: requireText('input.name', input.name, { max: 200 }) }),
    properties,
    ...resources,
    metadata: changeAttributes('input.metadata', before.metadata, {
      set: input.metadata,
      remove: input.metadataToDelete,
    }),
  });
}
