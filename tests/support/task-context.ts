import { pino } from 'pino';
import { closeJobContext, openJobContext } from '../../jobs/open-job-context.js';
import type { TaskContext } from '../../jobs/task.js';
import type { TestDeployment } from './test-deployment.js';

/** Runs `work` with what a run of a worker of the deployment works with. */
export async function withTaskContext<T>(
  { workerConfiguration }: Pick<TestDeployment, 'workerConfiguration'>,
  work: (context: TaskContext) => Promise<T>,
): Promise<T> {
  const context = openJobContext(workerConfiguration, pino({ level: 'silent' }));
  try {
    return await work({ ...context, signal: new AbortController().signal, now: new Date() });
  } finally {
    await closeJobContext(context);
  }
}
