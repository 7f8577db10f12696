import { Command } from 'commander';
import { asOnlyRunner } from '../jobs/as-only-runner.js';
import { cleanTelemetry, plannedRetention, type RetentionOutcome } from '../jobs/clean-telemetry.js';
import { failureReason } from '../jobs/failure-reason.js';
import type { TelemetryJobContext } from '../jobs/job-context.js';
import { loadConfiguration } from '../server/configuration.js';
import { chosenOrganizations } from './chosen-organizations.js';
import { exitStatus } from './exit-status.js';
import { print, printAside, printJson } from './print.js';
import { withTelemetryJobs } from './with-telemetry-jobs.js';

interface RunOptions {
  readonly org?: string;
  readonly dryRun?: boolean;
  readonly confirm?: boolean;
  readonly json?: boolean;
}

/** `bulkhead retention run`. */
export function retentionRunCommand(): Command {
  return new Command('run')
    .description('Remove telemetry that has expired, each organization’s by its own retention, as the job does hourly.')
    .option('--org <id>', 'only of this organization')
    .option('--dry-run', 'only show what would be removed, and what would be refused')
    .option('--confirm', 'remove also what was refused: look at --dry-run first')
    .option('--json', 'print a JSON list, with one object for each organization')
    .addHelpText(
      'after',
      `
A run is refused for an organization whose clock has jumped, or of which more than half of all
readings would go without a reason that is known. Nothing is removed that its retention keeps,
whatever is confirmed. The exit status is 1 when a run was refused or failed for an organization.

Examples:
  npx bulkhead retention run --dry-run
  npx bulkhead retention run --org 01a200f4-… --confirm`,
    )
    .action(run);
}

async function run({ org, dryRun = false, confirm = false, json = false }: RunOptions): Promise<void> {
  const results: object[] = [];
  await withTelemetryJobs(loadConfiguration(), async (context) => {
    const orgIds = await chosenOrganizations(context, org);
    const each = async () => {
      for (const orgId of orgIds) results.push(await resultOf(context, orgId, { dryRun, confirm, json }));
    };
    if (dryRun) {
      await each();
      return;
    }
    if (await asOnlyRunner(context.configuration.provisionerUrl, 'retention', each)) return;
    throw new Error('Retention is running at this moment: give this command again in a minute.');
  });
  if (json) printJson(results);
  else if (results.length === 0) print('There is no organization with telemetry.');
}

async function resultOf(
  context: TelemetryJobContext,
  orgId: string,
  { dryRun, confirm, json }: { readonly dryRun: boolean; readonly confirm: boolean; readonly json: boolean },
): Promise<object> {
  try {
    const outcome = dryRun
      ? await planned(context, orgId, confirm)
      : await cleanTelemetry(context, orgId, { isConfirmed: confirm });
    const { plan, isRefused, removed } = outcome;
    if (isRefused) process.exitCode = exitStatus.fault;
    if (!json) report(outcome, dryRun);
    const { retentionDays, readings, weeks, latest, refusal } = plan;
    const before = new Date(plan.cutoffMs).toISOString();
    return { orgId, retentionDays, before, readings, weeks, latest, refusal, isRefused, ...(removed && { removed }) };
  } catch (error) {
    process.exitCode = exitStatus.fault;
    const reason = failureReason(error);
    printAside(`${orgId}  failed: ${reason}`);
    return { orgId, failure: reason };
  }
}

async function planned(context: TelemetryJobContext, orgId: string, isConfirmed: boolean): Promise<RetentionOutcome> {
  const plan = await plannedRetention(context, orgId);
  return { plan, isRefused: plan.refusal !== null && !isConfirmed };
}

function report({ plan, isRefused, removed }: RetentionOutcome, dryRun: boolean): void {
  const { orgId, retentionDays, cutoffMs, readings, weeks, latest, refusal } = plan;
  const count = (value: number, noun: string) => `${value.toLocaleString('en-US')} ${noun}${value === 1 ? '' : 's'}`;
  const amount = `${count(readings, 'reading')}, ${count(weeks, 'whole week')}, ${count(latest, 'latest value')}`;
  const done = removed === undefined ? (dryRun ? 'would remove' : 'removed nothing of') : 'removed';
  print(`${orgId}  keeps ${count(retentionDays, 'day')}, since ${new Date(cutoffMs).toISOString()}`);
  print(`  ${readings + weeks + latest === 0 ? 'nothing has expired' : `${done} ${amount}`}`);
  if (isRefused) printAside(`  refused (${refusal?.code}): ${refusal?.reason}`);
}
