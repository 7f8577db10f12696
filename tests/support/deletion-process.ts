import { pino } from 'pino';
import type { DeletionStep } from '../../domain/organization/deletion-step.js';
import { runDeletion, runSteps } from '../../jobs/deletion/run-deletion.js';
import { openJobContext } from '../../jobs/open-job-context.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';
import { runChild } from '../../server/start/run-child.js';

/** A worker that is killed when it has done a step and not noted it yet. */
export interface DyingWorkerConfiguration extends WorkerConfiguration {
  readonly orgId: string;
  readonly diesAfter: DeletionStep;
}

runChild(async ({ orgId, diesAfter, ...configuration }: DyingWorkerConfiguration) => {
  const context = openJobContext(configuration, pino({ level: 'silent' }));
  await runDeletion({ ...context, signal: new AbortController().signal, now: new Date() }, orgId, {
    ...runSteps,
    [diesAfter]: async (...given: Parameters<(typeof runSteps)[DeletionStep]>) => {
      await runSteps[diesAfter](...given);
      process.kill(process.pid, 'SIGKILL');
    },
  });
  return { close: async () => {} };
});
