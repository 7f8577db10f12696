import { Command, CommanderError } from 'commander';
import { ConfigurationMistakes } from '../server/configuration-mistakes.js';
import { alertsCommand } from './alerts.js';
import { auditCommand } from './audit.js';
import { backupCommand } from './backup.js';
import { exitStatus } from './exit-status.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { jobsCommand } from './jobs.js';
import { keyCommand } from './key-create.js';
import { ledgerCommand } from './ledger.js';
import { migrateCommand } from './migrate.js';
import { operatorCommand } from './operator-create.js';
import { orgCommand } from './org.js';
import { postureCommand } from './posture.js';
import { printAside } from './print.js';
import { restoreCommand } from './restore.js';
import { retentionCommand } from './retention.js';
import { scopesCommand } from './scopes.js';
import { startCommand } from './start.js';
import { UsageMistake } from './usage-mistake.js';

/** Width of help at most, whatever the terminal. */
const maxHelpColumns = 100;

/** Runs the command line and sets the exit status: 0 done, 1 fault, 2 mistake in command line or configuration. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function program(): Command {
  const bulkhead = new Command('bulkhead')
    .description('A self-hosted GraphQL gateway that keeps many organizations’ devices and data apart.')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead start                        start everything, with a demo at the first time
  npx bulkhead org create "Acme" --json     make an organization and its first key
  npx bulkhead import --help                how to load a CSV file of readings
  npx bulkhead audit verify                 prove that the audit log is as it was sealed

Settings are environment variables, such as PORT, HOST and BULKHEAD_HOME: see docs/configuration.md.`,
    );
  const commands = [
    startCommand(),
    migrateCommand(),
    operatorCommand(),
    orgCommand(),
    keyCommand(),
    importCommand(),
    exportCommand(),
    retentionCommand(),
    scopesCommand(),
    jobsCommand(),
    auditCommand(),
    backupCommand(),
    restoreCommand(),
    ledgerCommand(),
    alertsCommand(),
    postureCommand(),
  ];
  for (const command of commands) bulkhead.addCommand(command);
  return settle(bulkhead);
}

/** What holds for every command: no exit inside the library, help of a readable width. */
function settle(command: Command): Command {
  command.exitOverride().configureHelp({
    helpWidth: Math.min(maxHelpColumns, process.stdout.columns ?? maxHelpColumns),
    showGlobalOptions: true,
  });
  for (const child of command.commands) settle(child);
  return command;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.clean : exitStatus.mistake;
  if (error instanceof ConfigurationMistakes || error instanceof UsageMistake) {
    printAside(error.message);
    return exitStatus.mistake;
  }
  printAside(error instanceof Error ? error.message : String(error));
  return exitStatus.fault;
}
