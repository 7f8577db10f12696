import { randomUUID } from 'node:crypto';
import { appendAudit } from '../audit/append-audit.js';
import { systemIdentity } from '../auth/identity.js';
import { organizationPath } from '../auth/scopes/resource-path.js';
import { arrayLiteral } from '../db/array-literal.js';
import { withOrg } from '../db/with-org.js';
import { connectAsProvisioner } from '../telemetry/with-provisioner.js';
import type { TelemetryJobContext } from './job-context.js';
import { telemetryDatabaseOf } from './telemetry-organizations.js';

const part = 'purge';

/** Definitions removed in one transaction, whose audit entry names them all. */
const definitionsPerTransaction = 100;

/** Ids of definitions that stay, of which an audit entry has room for. */
const maxHeldInEntry = 100;

/** A definition whose time is over, and what keeps it: null where nothing does. */
export interface ExpiredDefinition {
  readonly id: string;
  readonly heldBy: 'things' | 'thing types' | 'monitors' | 'places' | 'integrations' | 'readings' | null;
}

/** Definitions of an organization whose time is over, at most 1,000: those first that nothing holds. */
export async function expiredDefinitions(context: TelemetryJobContext, orgId: string): Promise<ExpiredDefinition[]> {
  const expired = await withOrg(
    context.operational,
    systemIdentity(orgId, part, randomUUID()),
    'read',
    (tx) => tx.sql<ExpiredDefinition[]>`select id, held_by as "heldBy" from app.expired_definitions()`,
  );
  const free = expired.filter(({ id, heldBy }) => heldBy === null && id.startsWith('mdef_')).map(({ id }) => id);
  const measured = free.length === 0 ? new Set() : await metricsWithReadings(context, orgId, free);
  return expired.map((each) => (measured.has(each.id) ? { id: each.id, heldBy: 'readings' } : each));
}

/** Readings of a metric stay readable until they have expired, so until then it can be restored. */
async function metricsWithReadings(
  context: TelemetryJobContext,
  orgId: string,
  metricIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { provisionerUrl } = context.configuration;
  const owner = connectAsProvisioner(provisionerUrl, await telemetryDatabaseOf(context, orgId, part));
  try {
    const rows = await owner<{ id: string }[]>`
      select distinct metric_id as id from telemetry.latest where metric_id = any (${arrayLiteral(metricIds)}::text[])`;
    return new Set(rows.map(({ id }) => id));
  } finally {
    await owner.end({ timeout: 5 });
  }
}

/**
 * Removes soft-deleted definitions of an organization for good whose time is over and that nothing refers to any more.
 * The audit log gets an entry with the ids for each hundred of them.
 */
export async function purgeDefinitionsOf(
  context: TelemetryJobContext,
  orgId: string,
  signal: AbortSignal,
): Promise<void> {
  const identity = systemIdentity(orgId, part, randomUUID());
  while (!signal.aborted) {
    const expired = await expiredDefinitions(context, orgId);
    const free = expired.filter(({ heldBy }) => heldBy === null).map(({ id }) => id);
    const held = expired.filter(({ heldBy }) => heldBy !== null);
    const batch = free.slice(0, definitionsPerTransaction);
    if (batch.length === 0) return;
    const purged = await withOrg(context.operational, identity, 'write', async (tx) => {
      const rows = await tx.sql<{ id: string }[]>`
        select id from app.purge_definitions(${arrayLiteral(batch)}::text[])`;
      const ids = rows.map(({ id }) => id);
      if (ids.length > 0) {
        await appendAudit(tx, {
          action: 'purgeDefinitions',
          resource: organizationPath(orgId),
          outcome: 'SUCCEEDED',
          change: { purged: ids, held: held.slice(0, maxHeldInEntry), heldCount: held.length },
        });
      }
      return ids;
    });
    if (purged.length === 0) return;
    context.log.info({ orgId, purged: purged.length, held: held.length }, 'deleted definitions were removed for good');
    if (batch.length === free.length) return;
  }
}
