import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import { withOrg } from '../db/with-org.js';
import { type FailedJob, type Job, listFailedJobs, listJobs } from '../domain/job/jobs.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';

/** Failed jobs that are shown; `--json` has the same. */
const maxFailed = 100;

/** `bulkhead jobs list`. */
export function jobsListCommand(): Command {
  return new Command('list')
    .description('Show all tasks with schedule, next and last run, and the jobs that have failed for good.')
    .option('--json', 'print {jobs, failedJobs} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead jobs list
  npx bulkhead jobs list --json | jq '.failedJobs'

Moments and schedules (minute, hour, day, month, weekday) are in UTC.`,
    )
    .action(list);
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const identity = systemIdentity(deploymentOrgId, 'jobs list', randomUUID());
  const { jobs, failedJobs } = await withDeployment(loadConfiguration(), ({ operational }) =>
    withOrg(operational, identity, 'read', async (tx) => ({
      jobs: await listJobs(tx),
      failedJobs: await listFailedJobs(tx, { first: maxFailed }),
    })),
  );
  if (json) printJson({ jobs, failedJobs });
  else print([table(jobs), ...failures(failedJobs)].join('\n'));
}

function table(jobs: readonly Job[]): string {
  const rows = jobs.map((job) => [
    job.name,
    job.schedule ?? '-',
    shortMoment(job.nextRunAt),
    shortMoment(job.lastRun?.startedAt ?? null),
    job.lastRun === null ? '-' : (job.lastRun.outcome ?? 'running').toLowerCase(),
    `${job.waiting}/${job.running}/${job.failed}`,
  ]);
  const lines = [['TASK', 'SCHEDULE', 'NEXT', 'LAST', 'OUTCOME', 'WAIT/RUN/FAIL'], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function failures(failed: readonly FailedJob[]): string[] {
  if (failed.length === 0) return [];
  return [
    '',
    'Failed for good:',
    ...failed.map(({ id, task, ids, reason, failedAt }) => {
      const about = ids.map((one) => `${one.name} ${one.id}`).join(', ');
      return `  ${id} ${task} ${shortMoment(failedAt)}${about === '' ? '' : `, ${about}`}\n      ${reason ?? 'unknown'}`;
    }),
  ];
}

/** Month, day, hour and minute. */
function shortMoment(moment: Date | null): string {
  return moment === null ? '-' : moment.toISOString().slice(5, 16).replace('T', ' ');
}
