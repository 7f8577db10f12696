import { identifySystem } from '../../db/read-base-backup.js';
import type { Task } from '../../jobs/task.js';
import { type BackupContext, inTransaction } from '../backup-context.js';
import { readCatalogue } from '../catalogue.js';
import { readNotedBackups } from '../noted-backups.js';
import { planFor, rotate, spoiltBases } from '../rotation/rotate.js';
import { restorableWindow } from '../window.js';

/** Removes what the policy keeps no longer; asked for after each base backup that was verified. */
export const rotateBackups: Task<BackupContext> = {
  name: 'rotateBackups',
  concerns: 'DEPLOYMENT',
  maxAttempts: 3,
  run: async (_payload, context) => {
    const { configuration, repository, log, signal, now } = context;
    const { system } = await identifySystem(configuration.operationalUrl);
    const { bases: completed } = await readNotedBackups(context);
    const catalogue = await readCatalogue(repository, system);
    const plan = planFor(catalogue, configuration.policy, now);
    const spoilt = spoiltBases(catalogue, completed);
    const kept = plan.keep.map(({ base }) => base);
    const ids = [...kept.map(({ id }) => id), ...spoilt];
    const window = restorableWindow({ ...catalogue, bases: kept });
    // Noted first: what a rotation that is interrupted leaves of a base backup was not lost.
    await inTransaction(context, async ({ sql }) => {
      await sql`
        select platform.note_rotation(array(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)),
                                      ${window?.from.toISOString() ?? null}::timestamptz)`;
    });
    const { removedBases, removedWal } = await rotate(repository, catalogue, plan, spoilt, signal);
    if (spoilt.length > 0) log.error({ spoilt }, 'base backups have lost their description');
    log.info({ kept: kept.length, removedBases, removedWal }, 'backups were rotated');
  },
};
