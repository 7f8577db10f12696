import { randomUUID } from 'node:crypto';
import { systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { keptExports } from '../../export/export-record.js';
import { removeArchives } from '../../export/remove-archives.js';
import { organizationOf } from '../organization-of.js';
import type { Task } from '../task.js';

/** Removes files of archives of an organization that were fetched or cancelled. */
export const removeArchive: Task = {
  name: 'removeArchive',
  concerns: 'ROW',
  maxAttempts: 10,
  run: async (payload, { configuration, operational }) => {
    const orgId = organizationOf(payload);
    const identity = systemIdentity(orgId, 'export', randomUUID());
    const kept = await withOrg(operational, identity, 'read', keptExports);
    await removeArchives(configuration.exportDirectory, orgId, (exportId) => kept.has(exportId));
  },
};
