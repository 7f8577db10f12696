import { Command } from 'commander';
import { pino } from 'pino';
import { loadConfiguration } from '../server/configuration.js';
import { makeKeys } from '../server/keys.js';
import { makeRolePasswords } from '../server/role-credentials.js';
import { prepareDatabases } from '../server/start/prepare-databases.js';
import { openStorage } from '../server/start/storage.js';
import { print, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';

/** `bulkhead migrate`. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('Make roles and databases, or bring them to this version. "start" does the same before it serves.')
    .option('--allow-destructive', 'let migrations remove data, where a base backup of the last 24 hours is there')
    .option('--without-backup', 'with it: ask for no base backup, since the cluster is backed up by other means')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead migrate
  npx bulkhead migrate --allow-destructive
  DATABASE_URL=postgres://admin:secret@db.example.com:5432/postgres npx bulkhead migrate --json`,
    )
    .action(migrate);
}

interface MigrateOptions {
  readonly allowDestructive?: boolean;
  readonly withoutBackup?: boolean;
  readonly json?: boolean;
}

async function migrate(options: MigrateOptions): Promise<void> {
  const { allowDestructive = false, withoutBackup = false, json = false } = options;
  if (withoutBackup && !allowDestructive) throw new UsageMistake('--without-backup goes with --allow-destructive.');
  const configuration = loadConfiguration();
  if (configuration.isGatewayApart) {
    throw new UsageMistake('Migrate where the administrator’s DATABASE_URL is set: a gateway apart has no right to.');
  }
  const storage = await openStorage(configuration, pino({ level: 'silent' }));
  try {
    const passwords = makeRolePasswords(configuration.BULKHEAD_HOME);
    const { operational, vault } = await prepareDatabases(
      storage.adminUrl(),
      passwords,
      makeKeys(configuration).context,
      { allowDestructive, withoutBackup },
    );
    const applied = [...operational.applied, ...vault.applied];
    if (json) printJson({ applied });
    else print(applied.length === 0 ? 'The databases are up to date.' : `Applied:\n  ${applied.join('\n  ')}`);
  } finally {
    await storage.close();
  }
}
