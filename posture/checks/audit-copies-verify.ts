import { ArchiveFault } from '../../audit/archive/archive-fault.js';
import { verifyArchiveAside } from '../../audit/archive/verify-archive.js';
import { parseVerifierKey } from '../../audit/audit-key.js';
import { type Check, fail, notProvided, pass } from '../check.js';

/** Minutes that the newest checkpoint may be old: one is written every minute at least. */
const maxAgeMinutes = 5;

/** The copies of the audit log outside of the database verify from the first to the last, and are fresh. */
export const auditCopiesVerify: Check = {
  id: 'audit-copies-verify',
  title: 'The sealed audit log verifies, and is sealed up to now',
  deadlineMs: 120_000,
  look: async ({ configuration, now }) => {
    const key = parseVerifierKey(configuration.auditKey);
    if (key === undefined) return notProvided('the public key of the audit log is not on this machine');
    try {
      const { segments, state } = await verifyArchiveAside(configuration.directories.checkpoints, {
        key,
        notes: [],
        keepsHashes: false,
      });
      const ageMinutes = (now.getTime() - Date.parse(state.at ?? '')) / 60_000;
      if (!(ageMinutes <= maxAgeMinutes)) return fail(`the newest checkpoint is ${Math.floor(ageMinutes)} minutes old`);
      return pass(`${segments} segments verify; the newest is of the last ${maxAgeMinutes} minutes`);
    } catch (error) {
      if (!(error instanceof ArchiveFault)) throw error;
      return fail(`${error.message} (segment ${error.place?.generation ?? '?'}/${error.place?.segment ?? '?'})`);
    }
  },
};
