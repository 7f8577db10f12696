import { pino } from 'pino';
import { closeJobContext, openJobContext } from '../../jobs/open-job-context.js';
import type { JobPayload, Task } from '../../jobs/task.js';
import type { WorkerConfiguration } from '../../jobs/worker-configuration.js';

/**
 * Runs a task once, as a worker does, with connections of its own.
 * @param now the moment of the run (default now)
 */
export async function runTask(
  configuration: WorkerConfiguration,
  task: Task,
  payload: JobPayload = {},
  now: Date = new Date(),
): Promise<void> {
  const context = openJobContext(configuration, pino({ level: 'silent' }));
  try {
    await task.run(payload, { ...context, signal: new AbortController().signal, now });
  } finally {
    await closeJobContext(context);
  }
}
