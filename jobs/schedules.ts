import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { type ParsedCronItem, parseCronItem } from 'graphile-worker';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import { enqueueJob } from './enqueue-job.js';
import { failureReason } from './failure-reason.js';
import { nextRun } from './next-run.js';
import type { QueueContext } from './queue-context.js';
import type { Task } from './task.js';

/** What the library tells when it has enqueued jobs by their schedules. */
interface ScheduledEvent {
  readonly jobsAndIdentifiers: readonly { readonly identifier: string }[];
}

/**
 * The schedules of tasks as the library wants them. A run that waits is replaced by the next one that is due, so that
 * none pile up behind a run that takes long.
 */
export function cronItems(tasks: readonly Task<never>[]): ParsedCronItem[] {
  return tasks.flatMap(({ name, maxAttempts, schedule }) => {
    if (schedule === undefined) return [];
    const backfillPeriod = (schedule.lookBackMinutes ?? 0) * 60_000;
    const options = { queueName: name, jobKey: `${name}:schedule`, jobKeyMode: 'replace', maxAttempts } as const;
    return [
      parseCronItem({ task: name, match: schedule.cron, identifier: name, options: { ...options, backfillPeriod } }),
    ];
  });
}

/**
 * Notes all schedules, when each comes next, now and after each time, and asks for the runs that a start asks for.
 * @param events those of the library
 */
export async function beginSchedules(
  context: QueueContext,
  tasks: readonly Task<never>[],
  items: readonly ParsedCronItem[],
  events: EventEmitter,
): Promise<void> {
  const itemOf = new Map(items.map((item) => [item.identifier, item]));
  const inTransaction = (work: Parameters<typeof withOrg<void>>[3]) =>
    withOrg(context.operational, systemIdentity(deploymentOrgId, 'jobs', randomUUID()), 'write', work);
  const note = (noted: readonly Task<never>[]) =>
    inTransaction(async ({ sql }) => {
      for (const { name, schedule } of noted) {
        const item = itemOf.get(name);
        const next = item === undefined ? null : nextRun(item, new Date());
        await sql`select platform.note_schedule(${name}, ${schedule?.cron ?? null}, ${next?.toISOString() ?? null}::timestamptz)`;
      }
    });
  events.on('cron:scheduled', ({ jobsAndIdentifiers }: ScheduledEvent) => {
    const due = new Set(jobsAndIdentifiers.map(({ identifier }) => identifier));
    note(tasks.filter(({ name }) => due.has(name))).catch((error) =>
      context.log.warn({ reason: failureReason(error) }, 'the next run of a job could not be noted'),
    );
  });
  await note(tasks);
  await inTransaction(async (tx) => {
    for (const { name, schedule } of tasks) {
      if (schedule?.afterStartMs === undefined) continue;
      const runAt = new Date(Date.now() + schedule.afterStartMs);
      await enqueueJob(tx, name, {}, { jobKey: 'start', ...(schedule.afterStartMs === 0 ? {} : { runAt }) });
    }
  });
}
