import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { deploymentOrgId, type Identity, systemIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { withOrg } from '../db/with-org.js';
import { requireUuid } from '../domain/input/id.js';
import { listJobs } from '../domain/job/jobs.js';
import { awaitJob, type JobState, requestJob } from '../domain/job/run-job.js';
import { getOperatedOrganization } from '../domain/organization/operated-organization.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printAside, printJson } from './print.js';
import { readMoment } from './read-moment.js';
import { UsageMistake } from './usage-mistake.js';
import { wrap } from './wrap.js';

/** The part of the system that acts, as in the audit log. */
const part = 'jobs run';
/** Milliseconds of waiting after which it is said that no worker has taken it up. */
const patienceMs = 5_000;

interface RunOptions {
  readonly org?: string;
  readonly now?: string;
  readonly timeout: string;
  readonly json?: boolean;
}

/** `bulkhead jobs run`. */
export function jobsRunCommand(): Command {
  return new Command('run')
    .description('Run a task once, now, by the worker that runs, and wait for the outcome. It is not tried again.')
    .argument('<task>', 'name of the task, as in "jobs list"')
    .option('--org <id>', 'the organization, for a task that concerns one')
    .option(
      '--now <time>',
      'ISO 8601 moment that the run is to take for the present; for tasks that remove what is old',
    )
    .option('--timeout <seconds>', 'how long to wait', '600')
    .option('--json', 'print {jobId, task, outcome, reason, startedAt, endedAt} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead jobs run rollups
  npx bulkhead jobs run provisionTelemetry --org 01a20104-1d04-72f1-bf2c-fb498bdd4954
  npx bulkhead jobs run cleanJobs --now 2027-01-31T00:00:00Z --json

Exit status: 0 succeeded, 1 failed or not ended in time, 2 mistake in the command line.
That it was asked for is in the audit log of the organization, or of the deployment.`,
    )
    .action(run);
}

async function run(task: string, options: RunOptions): Promise<void> {
  const now = options.now === undefined ? undefined : readMoment('--now', options.now);
  const timeoutMs = readSeconds(options.timeout) * 1000;
  const identity = systemIdentity(readOrganization(options.org), part, randomUUID());
  await withDeployment(loadConfiguration(), async ({ operational }) => {
    await requireRunnable(operational, identity, task, options);
    const jobId = await requestJob(operational, identity, task, now);
    const { state, run: ran } = await awaitJob(operational, identity, jobId, timeoutMs, sayIfNobodyComes());
    const outcome = state === 'ENDED' ? (ran?.outcome ?? null) : null;
    const [startedAt, endedAt] = [ran?.startedAt ?? null, ran?.endedAt ?? null];
    if (options.json === true) printJson({ jobId, task, outcome, reason: ran?.reason ?? null, startedAt, endedAt });
    if (outcome !== 'SUCCEEDED') throw new Error(`${task} (job ${jobId}) ${whatCame(state, outcome, ran?.reason)}`);
    if (options.json !== true && startedAt !== null && endedAt !== null) {
      print(`${task} succeeded in ${((endedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)} s.`);
    }
  });
}

/** Tasks and organizations that are not there, or do not go together, are mistakes of the command line. */
async function requireRunnable(operational: Database, identity: Identity, name: string, options: RunOptions) {
  const jobs = await withOrg(operational, identity, 'read', listJobs);
  const job = jobs.find((one) => one.name === name);
  const runnable = jobs.filter(({ concerns }) => concerns !== 'ROW');
  if (job === undefined || job.concerns === 'ROW') {
    const reason = job === undefined ? 'There is no such task' : 'It is about a row and runs only where it is needed';
    const names = runnable.map((one) => one.name).join(', ');
    throw new UsageMistake(wrap(`${reason}. Tasks that can be run: ${names}.`).join('\n'));
  }
  if (job.concerns === 'ORGANIZATION' && options.org === undefined) {
    throw new UsageMistake(`${name} concerns one organization: add --org with its id.`);
  }
  if (job.concerns === 'DEPLOYMENT' && options.org !== undefined) {
    throw new UsageMistake(`${name} concerns the whole deployment: leave --org out.`);
  }
  if (options.now !== undefined && !job.isMovable) {
    const movable = jobs.filter((one) => one.isMovable).map((one) => one.name);
    const tasks = movable.join(', ');
    throw new UsageMistake(wrap(`The clock of ${name} cannot be moved. --now is for: ${tasks}.`).join('\n'));
  }
  if (options.org !== undefined) await withOrg(operational, identity, 'read', getOperatedOrganization);
}

function whatCame(state: JobState['state'], outcome: string | null, reason: string | null | undefined): string {
  if (state === 'WAITING') return 'still waits: is Bulkhead running? "jobs list" shows what came of it.';
  if (state === 'RUNNING') return 'still runs: "jobs list" shows what came of it.';
  return `${outcome === 'INTERRUPTED' ? 'was interrupted' : 'failed'}: ${reason ?? 'unknown reason'}`;
}

function sayIfNobodyComes(): (state: JobState['state']) => void {
  const start = Date.now();
  let isSaid = false;
  return (state) => {
    if (isSaid || state !== 'WAITING' || Date.now() - start < patienceMs) return;
    isSaid = true;
    printAside('No worker has taken it up yet: another run of the task goes on, or Bulkhead does not run.');
  };
}

function readOrganization(text: string | undefined): string {
  return text === undefined ? deploymentOrgId : requireUuid(text, 'organization');
}

function readSeconds(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1) throw new UsageMistake('--timeout takes seconds, 1 to 99999.');
  return Number(text);
}
