import { Command } from 'commander';
import { expiries } from '../jobs/expiries.js';
import { expiredDefinitions } from '../jobs/purge-definitions.js';
import { loadConfiguration } from '../server/configuration.js';
import { chosenOrganizations } from './chosen-organizations.js';
import { print, printJson } from './print.js';
import { retentionRunCommand } from './retention-run.js';
import { withTelemetryJobs } from './with-telemetry-jobs.js';

/** `bulkhead retention`. */
export function retentionCommand(): Command {
  return new Command('retention')
    .description('What ends by itself: expired telemetry, deleted definitions, short-lived records')
    .addCommand(retentionRunCommand())
    .addCommand(definitionsCommand())
    .addCommand(transientCommand());
}

function definitionsCommand(): Command {
  return new Command('definitions')
    .description('Show deleted definitions whose time is over: those that go next, and what holds the others.')
    .option('--org <id>', 'only of this organization')
    .option('--json', 'print a JSON list of {orgId, id, heldBy}; heldBy null: goes with the next run')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead retention definitions
  npx bulkhead retention definitions --org 01a200f4-… --json`,
    )
    .action(showDefinitions);
}

async function showDefinitions({ org, json = false }: { org?: string; json?: boolean }): Promise<void> {
  const found = await withTelemetryJobs(loadConfiguration(), async (context) => {
    const definitions = [];
    for (const orgId of await chosenOrganizations(context, org)) {
      for (const { id, heldBy } of await expiredDefinitions(context, orgId)) definitions.push({ orgId, id, heldBy });
    }
    return definitions;
  });
  if (json) {
    printJson(found);
    return;
  }
  for (const { orgId, id, heldBy } of found) {
    print(`${orgId}  ${id}  ${heldBy === null ? 'goes next' : `held by ${heldBy}`}`);
  }
  if (found.length === 0) print('No deleted definition is over its time.');
}

function transientCommand(): Command {
  return new Command('transient')
    .description('Show the kinds of records that are made to end: for how long they are of use, what removes them.')
    .option('--json', 'print a JSON list')
    .addHelpText(
      'after',
      `
Example:
  npx bulkhead retention transient --json`,
    )
    .action(showTransient);
}

function showTransient({ json = false }: { json?: boolean }): void {
  if (json) {
    printJson(expiries.map(({ sweep: _, ...expiry }) => expiry));
    return;
  }
  const lines = expiries.map(({ name, holds, lifetime, refusedBy, job }) =>
    [
      name,
      `  ${holds}`,
      `  lifetime    ${lifetime}`,
      `  refused by  ${refusedBy}`,
      `  removed by  the job ${job}`,
    ].join('\n'),
  );
  print(lines.join('\n\n'));
}
