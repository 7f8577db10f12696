import type { CheckpointConfiguration } from '../jobs/worker-configuration.js';
import type { Configuration } from './configuration.js';
import { readSecretFile } from './read-secret-file.js';

/**
 * How the audit log is copied out of the database.
 * @throws BulkheadError UNAVAILABLE when the file of the bucket's secret is not there or not private
 */
export function checkpointConfiguration(configuration: Configuration): CheckpointConfiguration {
  const { CHECKPOINT_DIRECTORY, CHECKPOINT_SECONDS, CHECKPOINT_WEBHOOK_URL } = configuration;
  const { CHECKPOINT_BUCKET_URL, CHECKPOINT_BUCKET_REGION, CHECKPOINT_BUCKET_KEY_ID } = configuration;
  const secretAccessKey = secretOf(configuration);
  const isBucket =
    CHECKPOINT_BUCKET_URL !== undefined &&
    CHECKPOINT_BUCKET_REGION !== undefined &&
    CHECKPOINT_BUCKET_KEY_ID !== undefined &&
    secretAccessKey !== undefined;
  return {
    everySeconds: CHECKPOINT_SECONDS,
    directory: CHECKPOINT_DIRECTORY,
    ...(isBucket
      ? {
          bucket: {
            url: CHECKPOINT_BUCKET_URL,
            region: CHECKPOINT_BUCKET_REGION,
            accessKeyId: CHECKPOINT_BUCKET_KEY_ID,
            secretAccessKey,
          },
        }
      : {}),
    ...(CHECKPOINT_WEBHOOK_URL === undefined ? {} : { webhookUrl: CHECKPOINT_WEBHOOK_URL }),
  };
}

function secretOf({
  CHECKPOINT_BUCKET_SECRET,
  CHECKPOINT_BUCKET_SECRET_FILE: file,
}: Configuration): string | undefined {
  return file === undefined ? CHECKPOINT_BUCKET_SECRET : readSecretFile('CHECKPOINT_BUCKET_SECRET_FILE', file);
}
