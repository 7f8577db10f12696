import { Command, CommanderError } from 'commander';
import { BulkheadError } from '../errors/bulkhead-error.js';
import { ConfigurationMistakes } from '../server/configuration-mistakes.js';
import { exitStatus } from './exit-status.js';
import { printAside } from './print.js';
import { UsageMistake } from './usage-mistake.js';

/** Commands by name, in the order of the help; each loads what it needs when it is asked for. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./start.js')).startCommand(),
  migrate: async () => (await import('./migrate.js')).migrateCommand(),
  operator: async () => (await import('./operator.js')).operatorCommand(),
  org: async () => (await import('./org.js')).orgCommand(),
  key: async () => (await import('./key-create.js')).keyCommand(),
  import: async () => (await import('./import.js')).importCommand(),
  export: async () => (await import('./export.js')).exportCommand(),
  retention: async () => (await import('./retention.js')).retentionCommand(),
  scopes: async () => (await import('./scopes.js')).scopesCommand(),
  jobs: async () => (await import('./jobs.js')).jobsCommand(),
  audit: async () => (await import('./audit.js')).auditCommand(),
  backup: async () => (await import('./backup.js')).backupCommand(),
  restore: async () => (await import('./restore.js')).restoreCommand(),
  ledger: async () => (await import('./ledger.js')).ledgerCommand(),
  alerts: async () => (await import('./alerts.js')).alertsCommand(),
  keys: async () => (await import('./keys.js')).keysCommand(),
  posture: async () => (await import('./posture.js')).postureCommand(),
};

/** Width of help at most, whatever the terminal. */
const maxHelpColumns = 100;
/** Milliseconds between two turns of the timer that keeps a command alive. */
const aliveMs = 60_000;
/** What is refused for what was asked for, before anything is done. */
const refusals: readonly string[] = ['BAD_USER_INPUT', 'NOT_FOUND'];

/** Runs the command line and sets the exit status: 0 done, 1 fault, 2 mistake in command line or configuration. */
export async function main(argv: readonly string[]): Promise<void> {
  // What a command waits for may be watched by a timer that keeps no process alive: it is to end when it has settled.
  const alive = setInterval(() => {}, aliveMs);
  try {
    await (await program(argv[2])).parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  } finally {
    clearInterval(alive);
  }
}

/** @param asked what may be the name of a command: then no other is loaded */
async function program(asked: string | undefined): Promise<Command> {
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
  for (const [name, load] of Object.entries(commands)) {
    if (asked === name || asked === undefined || !Object.hasOwn(commands, asked)) bulkhead.addCommand(await load());
  }
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
  return error instanceof BulkheadError && refusals.includes(error.code) ? exitStatus.mistake : exitStatus.fault;
}
