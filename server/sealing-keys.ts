import { randomUUID } from 'node:crypto';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { notedProcesses } from '../signals/noted-processes.js';
import type { RotatedKind } from './keys.js';

/** Processes that seal with keys of a kind. */
const userOf: Readonly<Record<RotatedKind, 'worker' | 'backup'>> = { root: 'worker', backup: 'backup' };
/** Seconds without a note after which a process counts as ended; they note themselves every 15 s. */
const goneSeconds = 40;

/**
 * Ids of the keys that the processes which run seal with, as they have noted themselves; none where none runs.
 * @param operational as `bulkhead_worker`
 */
export async function sealingKeys(operational: Database, kind: RotatedKind): Promise<readonly string[]> {
  const identity = systemIdentity(deploymentOrgId, 'keys', randomUUID());
  const processes = await withOrg(operational, identity, 'read', notedProcesses);
  return processes
    .filter((one) => one.kind === userOf[kind] && one.seenSeconds < goneSeconds)
    .flatMap(({ evidence }) => {
      const held = (evidence['keys'] as Partial<Record<RotatedKind, readonly string[]>> | undefined)?.[kind];
      return held?.[0] ?? [];
    });
}
