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
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead migrate
  DATABASE_URL=postgres://admin:secret@db.example.com:5432/postgres npx bulkhead migrate --json`,
    )
    .action(migrate);
}

async function migrate({ json = false }: { json?: boolean }): Promise<void> {
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
    );
    const applied = [...operational.applied, ...vault.applied];
    if (json) printJson({ applied });
    else print(applied.length === 0 ? 'The databases are up to date.' : `Applied:\n  ${applied.join('\n  ')}`);
  } finally {
    await storage.close();
  }
}
