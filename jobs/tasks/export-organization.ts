import { randomUUID } from 'node:crypto';
import { type Identity, systemIdentity } from '../../auth/identity.js';
import { withOrg } from '../../db/with-org.js';
import { archivePath } from '../../export/archive-path.js';
import {
  beginAttempt,
  type ExportAttempt,
  keptExports,
  noteFailure,
  noteProgress,
  noteReady,
} from '../../export/export-record.js';
import { removeArchives } from '../../export/remove-archives.js';
import { openSources } from '../../export/sources.js';
import { type WrittenArchive, writeArchive } from '../../export/write-archive.js';
import { asOnlyRunner } from '../as-only-runner.js';
import { enqueueJob } from '../enqueue-job.js';
import { auditedTask } from '../job-audit.js';
import { organizationOf } from '../organization-of.js';
import type { Task, TaskContext } from '../task.js';

/** Name of the part of the system that acts, in the audit log. */
const part = 'export';

/** Milliseconds after which an export that found another one running looks again. */
const waitMs = 5_000;

/** The export was cancelled while it ran: nothing is wrong. */
class NoLongerWanted extends Error {
  override readonly name = 'NoLongerWanted';
}

/**
 * Makes the archive of an organization, encrypted to the key of its export. One archive of the deployment is made at a
 * time, so that databases and disk are not disturbed by many; the others wait. A run that was killed is begun anew.
 */
export const exportOrganization: Task = {
  name: 'exportOrganization',
  concerns: 'ORGANIZATION',
  maxAttempts: 6,
  run: async (payload, context) => {
    const orgId = organizationOf(payload);
    const exportId = payload['exportId'] ?? '';
    const identity = systemIdentity(orgId, part, randomUUID());
    const isMine = await asOnlyRunner(context.configuration.provisionerUrl, part, () =>
      attemptExport(context, identity, exportId),
    );
    if (isMine) return;
    await withOrg(context.operational, identity, 'write', (tx) =>
      enqueueJob(tx, exportOrganization.name, { exportId }, { runAt: new Date(Date.now() + waitMs) }),
    );
  },
};

async function attemptExport(context: TaskContext, identity: Identity, exportId: string): Promise<void> {
  const attempt = await withOrg(context.operational, identity, 'write', (tx) => beginAttempt(tx, exportId));
  if (attempt === undefined) return;
  try {
    await auditedTask(context, {
      orgId: identity.orgId,
      part,
      action: 'makeExport',
      intent: { exportId, attempt: attempt.attempt },
      effect: async () => summary(exportId, await makeArchive(context, identity, attempt)),
      onFailure: (tx, reason) => noteFailure(tx, attempt, reason),
    });
    context.log.info({ orgId: identity.orgId, exportId }, 'the archive of an organization is ready');
  } catch (error) {
    if (error instanceof NoLongerWanted === false) throw error;
    const kept = await withOrg(context.operational, identity, 'read', keptExports);
    await removeArchives(context.configuration.exportDirectory, identity.orgId, (id) => kept.has(id));
  }
}

async function makeArchive(context: TaskContext, identity: Identity, attempt: ExportAttempt): Promise<WrittenArchive> {
  const { configuration, operational, signal } = context;
  const note = (work: Parameters<typeof withOrg<boolean>>[3]) => withOrg(operational, identity, 'write', work);
  const sources = await openSources(configuration, identity.orgId, part);
  try {
    const written = await writeArchive(sources, {
      path: archivePath(configuration.exportDirectory, identity.orgId, attempt.exportId),
      recipient: attempt.recipient,
      signal,
      onProgress: async (progress) => {
        if (!(await note((tx) => noteProgress(tx, attempt, progress)))) throw new NoLongerWanted();
      },
    });
    if (!(await note((tx) => noteReady(tx, attempt, written)))) throw new NoLongerWanted();
    return written;
  } finally {
    await sources.close();
  }
}

/** What the audit log keeps of an archive. */
function summary(exportId: string, { bytes, sha256, manifest }: WrittenArchive) {
  return { exportId, bytes, sha256, rows: manifest.files.reduce((sum, { rows }) => sum + rows, 0) };
}
