import { Command } from 'commander';
import { pino } from 'pino';
import { auditSigner } from '../audit/audit-key.js';
import { type ReplayReport, replayLedger } from '../recovery/replay-ledger.js';
import { loadConfiguration } from '../server/configuration.js';
import { deploymentIdOf } from '../server/deployment-id.js';
import { readKey } from '../server/keys.js';
import { openStorage } from '../server/start/storage.js';
import { print, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';

/** `bulkhead ledger`. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('The ledger of revocations and deletions, kept outside of the database')
    .addCommand(replayCommand());
}

function replayCommand(): Command {
  return new Command('replay')
    .description('Have a restored deployment know what was revoked and deleted since, and lift its fence.')
    .option('--ledger <directory>', 'directory of the ledger (default: LEDGER_DIRECTORY)')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      `
Examples:
  BULKHEAD_HOME=/srv/restored npx bulkhead ledger replay --ledger /mnt/ledger

"bulkhead restore --ledger" does the same. Done again, it finds nothing to do. Bulkhead must not run on this home.
The lines are copied into LEDGER_DIRECTORY of this deployment, which goes on with them.`,
    )
    .action(replay);
}

async function replay({ ledger, json = false }: { ledger?: string; json?: boolean }): Promise<void> {
  const configuration = loadConfiguration();
  if (configuration.isGatewayApart) {
    throw new UsageMistake('Replay the ledger where the administrator’s DATABASE_URL is set, not beside a gateway.');
  }
  const contextKey = readKey(configuration, 'context');
  const key = auditSigner(readKey(configuration, 'audit'), deploymentIdOf(configuration.BULKHEAD_HOME));
  const storage = await openStorage(configuration, pino({ level: 'silent' }));
  try {
    const into = configuration.LEDGER_DIRECTORY;
    const adminUrl = storage.adminUrl();
    const report = await replayLedger({ adminUrl, contextKey, key, ledger: ledger ?? into, into });
    if (json) printJson(report);
    else print(replaySummary(report));
  } finally {
    await storage.close();
  }
}

/** What a replay did, in words. */
export function replaySummary(report: ReplayReport): string {
  const { entries, deletions, keysRevoked, keySecretsEnded, operatorsRevoked, secretsRemoved, ended } = report;
  const { narrowedKeysRevoked, keyExpiriesSet, rateLimitsLowered } = report;
  const lines = [
    `The ledger of ${entries} lines was replayed:`,
    `  organizations to be deleted again   ${deletions}`,
    `  API keys revoked, secrets ended     ${keysRevoked}, ${keySecretsEnded}`,
    `  operators revoked                   ${operatorsRevoked}`,
    `  secrets removed from the vault      ${secretsRemoved}`,
    `  expiries, rate limits set again     ${keyExpiriesSet}, ${rateLimitsLowered}`,
    ...(narrowedKeysRevoked.length === 0 ? [] : narrowed(narrowedKeysRevoked)),
  ];
  if (ended === null) return lines.join('\n');
  const { deliveries = 0, jobs = 0, exports = 0, unfinishedRequests = 0 } = ended;
  return [
    ...lines,
    'What was under way at that moment was ended:',
    `  deliveries, jobs                    ${deliveries}, ${jobs}`,
    `  exports, unfinished requests        ${exports}, ${unfinishedRequests}`,
    'The fence is lifted: Bulkhead can be started.',
  ].join('\n');
}

function narrowed(keys: readonly string[]): string[] {
  return [
    'These API keys (organization/key) could do more then than they were later allowed to, and are revoked: make new ones.',
    ...keys.map((key) => `  ${key}`),
  ];
}
