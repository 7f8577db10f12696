import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupConfiguration } from '../backups/backup-configuration.js';
import type { RepositoryConfiguration } from '../backups/repository/open-repository.js';
import { startFault } from '../db/embedded/start-fault.js';
import { packageRoot } from '../db/package-root.js';
import type { KeyVersions } from '../vault/held-keys.js';
import type { Configuration } from './configuration.js';
import { readPrivateFile } from './private-file.js';

/**
 * Where backups are kept, and the keys that seal them.
 * @throws BulkheadError UNAVAILABLE when the file of the bucket's secret is not there or not private
 */
export function repositoryConfiguration(
  configuration: Configuration,
  backupKeys: KeyVersions,
  deployment: string,
): RepositoryConfiguration {
  const { BACKUP_DIRECTORY, BACKUP_BUCKET_URL, BACKUP_BUCKET_REGION, BACKUP_BUCKET_KEY_ID } = configuration;
  const common = { directory: BACKUP_DIRECTORY, backupKeys, deployment };
  const secretAccessKey = secretOf(configuration);
  const isBucket =
    BACKUP_BUCKET_URL !== undefined &&
    BACKUP_BUCKET_REGION !== undefined &&
    BACKUP_BUCKET_KEY_ID !== undefined &&
    secretAccessKey !== undefined;
  if (!isBucket) return common;
  const [url, region, accessKeyId] = [BACKUP_BUCKET_URL, BACKUP_BUCKET_REGION, BACKUP_BUCKET_KEY_ID];
  return { ...common, bucket: { url, region, accessKeyId, secretAccessKey } };
}

/** When base backups are taken, and what is kept of them. */
export function backupRules(
  configuration: Configuration,
): Pick<BackupConfiguration, 'schedule' | 'policy' | 'maxRateKb' | 'bulkheadVersion'> {
  const { BACKUP_TIME, BACKUP_ZONE, BACKUP_TIMES_A_DAY, BACKUP_WINDOW_DAYS, BACKUP_RATE_MB } = configuration;
  return {
    schedule: { time: BACKUP_TIME, zone: BACKUP_ZONE, timesADay: BACKUP_TIMES_A_DAY === 2 ? 2 : 1 },
    policy: {
      windowDays: BACKUP_WINDOW_DAYS,
      counts: {
        daily: configuration.BACKUP_DAILY,
        weekly: configuration.BACKUP_WEEKLY,
        monthly: configuration.BACKUP_MONTHLY,
        yearly: configuration.BACKUP_YEARLY,
      },
    },
    maxRateKb: BACKUP_RATE_MB * 1024,
    bulkheadVersion: bulkheadVersion(),
  };
}

function bulkheadVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function secretOf({ BACKUP_BUCKET_SECRET, BACKUP_BUCKET_SECRET_FILE: file }: Configuration): string | undefined {
  if (file === undefined) return BACKUP_BUCKET_SECRET;
  const content = readPrivateFile(file);
  if (content === undefined) throw startFault(`BACKUP_BUCKET_SECRET_FILE: ${file} is not there.`);
  return content.toString('utf8').trim();
}
