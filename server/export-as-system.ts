import type { Database } from '../db/database.js';
import { type ExportAccess, openSources } from '../export/sources.js';
import { type ArchiveTarget, type WrittenArchive, writeArchive } from '../export/write-archive.js';
import { auditedTask } from '../jobs/job-audit.js';

/** An archive that is made on the machine itself. */
export interface SystemExport {
  readonly orgId: string;
  /** Part of the system that acts, as in the audit log. */
  readonly part: string;
  readonly target: ArchiveTarget;
}

/**
 * Writes the archive of an organization to a file, as the system, between two entries of its audit log.
 * @param operational operational database, for these entries
 * @throws BulkheadError NOT_FOUND for the organization, UNAVAILABLE when a database is not reachable or the disk is full
 */
export async function exportAsSystem(
  operational: Database,
  access: ExportAccess,
  { orgId, part, target }: SystemExport,
): Promise<WrittenArchive> {
  const sources = await openSources(access, orgId, part);
  try {
    let written: WrittenArchive | undefined;
    await auditedTask(
      { operational },
      {
        orgId,
        part,
        action: 'makeExport',
        intent: { isEncrypted: target.recipient !== undefined },
        effect: async () => {
          written = await writeArchive(sources, target);
          return { bytes: written.bytes, sha256: written.sha256 };
        },
      },
    );
    return written as unknown as WrittenArchive;
  } finally {
    await sources.close();
  }
}
