import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { previewRemoval, type RemovalPreview } from '../../telemetry/preview-removal.js';
import type { TelemetryService } from '../telemetry/telemetry-service.js';
import { isLower, requireDays } from './day-bounds.js';
import { getOrganization } from './get-organization.js';
import { cutoffOf } from './get-retention.js';

/** What a retention would remove now. */
export interface RetentionPreview extends RemovalPreview {
  readonly days: number;
  /** The cut-off, by the clock of the database. */
  readonly before: Date;
  readonly needsConfirmation: boolean;
}

/**
 * Tells what a retention of so many days would remove now.
 * @throws BulkheadError BAD_USER_INPUT outside 1–3,650 days, NOT_FOUND without a scope on the organization,
 * TELEMETRY_PROVISIONING
 */
export async function previewRetention(
  operational: Database,
  telemetry: TelemetryService,
  identity: Identity,
  days: number,
): Promise<RetentionPreview> {
  requireDays('days', days);
  const [current, before] = await withOrg(operational, identity, 'read', async (tx) => [
    (await getOrganization(tx)).retentionDays,
    await cutoffOf(tx, days),
  ]);
  const removal = await telemetry.read(
    identity,
    async () => [],
    (database) => previewRemoval(database, before.getTime()),
  );
  return { days, before, ...removal, needsConfirmation: isLower(current, days) };
}
