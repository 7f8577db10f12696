import { ArchiveFault } from '../../audit/archive/archive-fault.js';
import { verifyArchiveAside } from '../../audit/archive/verify-archive.js';
import { parseVerifierKey } from '../../audit/audit-key.js';
import { compareWithArchive } from '../../domain/audit/compare-with-archive.js';
import { type Check, fail, notProvided, pass } from '../check.js';

/** The entries in the database, all of them, are what was sealed: whoever changed one there is found out. */
export const auditRowsSealed: Check = {
  id: 'audit-rows-sealed',
  title: 'The entries in the database are as they were sealed',
  deadlineMs: 300_000,
  look: async ({ configuration, rows }) => {
    const key = parseVerifierKey(configuration.auditKey);
    if (key === undefined) return notProvided('the public key of the audit log is not on this machine');
    try {
      const archive = await verifyArchiveAside(configuration.directories.checkpoints, {
        key,
        notes: [],
        keepsHashes: true,
      });
      return pass(`${await compareWithArchive(rows, key, archive)} entries were compared`);
    } catch (error) {
      if (!(error instanceof ArchiveFault)) throw error;
      return fail(error.message);
    }
  },
};
