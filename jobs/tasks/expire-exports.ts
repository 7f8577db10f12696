import { randomUUID } from 'node:crypto';
import { appendAudit } from '../../audit/append-audit.js';
import { systemIdentity } from '../../auth/identity.js';
import { organizationPath } from '../../auth/scopes/resource-path.js';
import { withOrg } from '../../db/with-org.js';
import { expireExports as expire, keptExports } from '../../export/export-record.js';
import { organizationsWithArchives, removeArchives } from '../../export/remove-archives.js';
import { failureReason } from '../failure-reason.js';
import type { Task } from '../task.js';

/**
 * Removes archives that were not fetched in time, and files that belong to no export: of runs that were killed, of
 * organizations that are gone. An archive cannot be fetched from the moment of its expiry, whether or not this has run.
 */
export const expireExports: Task = {
  name: 'expireExports',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  schedule: { cron: '23 * * * *', afterStartMs: 0 },
  isMovable: true,
  run: async (_payload, { configuration, operational, now, signal, log }) => {
    const { exportDirectory } = configuration;
    for (const orgId of await organizationsWithArchives(exportDirectory)) {
      if (signal.aborted) return;
      try {
        const identity = systemIdentity(orgId, 'export', randomUUID());
        const kept = await withOrg(operational, identity, 'write', async (tx) => {
          for (const exportId of await expire(tx, now)) {
            const resource = organizationPath(orgId);
            await appendAudit(tx, { action: 'expireExport', resource, outcome: 'SUCCEEDED', change: { exportId } });
          }
          return keptExports(tx);
        });
        await removeArchives(exportDirectory, orgId, (exportId) => kept.has(exportId));
      } catch (error) {
        // Of an organization that is being deleted the deletion removes them; it holds up no other.
        log.error({ orgId, reason: failureReason(error) }, 'archives of an organization could not be removed');
      }
    }
  },
};
