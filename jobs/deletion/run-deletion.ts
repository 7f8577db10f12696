import { type DeletionStep, deletionSteps } from '../../domain/organization/deletion-step.js';
import type { TaskContext } from '../task.js';
import { certify } from './certify.js';
import { closeOrganization } from './close-organization.js';
import { deleteFiles } from './delete-files.js';
import { deleteRows } from './delete-rows.js';
import { deleteVault } from './delete-vault.js';
import { deletionUnderWay, goOn, type RunStep } from './deletion.js';
import { dropTelemetry } from './drop-telemetry.js';
import { removeJobs } from './remove-jobs.js';
import { verifyNothingLeft } from './verify-nothing-left.js';

/** What each step does. */
export const runSteps: Readonly<Record<DeletionStep, RunStep>> = {
  CLOSE: closeOrganization,
  JOBS: removeJobs,
  TELEMETRY: dropTelemetry,
  ROWS: deleteRows,
  FILES: deleteFiles,
  VAULT: deleteVault,
  VERIFICATION: verifyNothingLeft,
  CERTIFICATE: certify,
};

/**
 * Goes on with a deletion from the step at which it is to its end; nothing if it is done.
 * @param steps what each step does
 */
export async function runDeletion(context: TaskContext, orgId: string, steps = runSteps): Promise<void> {
  for (;;) {
    context.signal.throwIfAborted();
    const deletion = await deletionUnderWay(context, orgId);
    if (deletion === undefined) return;
    await steps[deletion.step](context, deletion);
    context.log.info({ orgId, step: deletion.step }, 'a step of a deletion is done');
    const next = deletionSteps[deletionSteps.indexOf(deletion.step) + 1];
    // The last step ends the deletion itself.
    if (next !== undefined) await goOn(context, deletion, next);
  }
}
