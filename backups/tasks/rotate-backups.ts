import { identifySystem } from '../../db/read-base-backup.js';
import type { Task } from '../../jobs/task.js';
import { type BackupContext, inTransaction } from '../backup-context.js';
import { readCatalogue } from '../catalogue.js';
import { rotate } from '../rotation/rotate.js';
import { restorableWindow } from '../window.js';

/** Removes what the policy keeps no longer; asked for after each base backup that was verified. */
export const rotateBackups: Task<BackupContext> = {
  name: 'rotateBackups',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  run: async (_payload, context) => {
    const { configuration, repository, log, signal, now } = context;
    const { system } = await identifySystem(configuration.operationalUrl);
    const catalogue = await readCatalogue(repository, system);
    const { plan, removedBases, removedWal } = await rotate(repository, catalogue, configuration.policy, now, signal);
    const kept = plan.keep.map(({ base }) => base);
    const window = restorableWindow({ ...catalogue, bases: kept });
    await inTransaction(context, async ({ sql }) => {
      await sql`
        select platform.note_rotation(array(select jsonb_array_elements_text(${JSON.stringify(kept.map(({ id }) => id))}::jsonb)),
                                      ${window?.from.toISOString() ?? null}::timestamptz)`;
    });
    log.info({ kept: kept.length, removedBases, removedWal }, 'backups were rotated');
  },
};
