import type { AlertReceiver } from '../alerts/alert-receiver.js';
import { startFault } from '../db/embedded/start-fault.js';
import { signingKey, signingKeyComplaint } from '../integrations/webhooks/signing-key.js';
import type { Configuration } from './configuration.js';
import { readSecretFile } from './read-secret-file.js';

/**
 * Where alerts are sent, as the operator has set it; undefined for nowhere.
 * @throws BulkheadError UNAVAILABLE when the file of the secret is not there, not private, or holds none
 */
export function alertReceiver(configuration: Configuration): AlertReceiver | undefined {
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET, ALERT_WEBHOOK_SECRET_FILE: file } = configuration;
  if (url === undefined) return undefined;
  const secret = file === undefined ? ALERT_WEBHOOK_SECRET : readSecretFile('ALERT_WEBHOOK_SECRET_FILE', file);
  if (secret === undefined) return { url };
  const key = signingKey(secret);
  if (key === undefined) throw startFault(`ALERT_WEBHOOK_SECRET_FILE: ${file} ${signingKeyComplaint}.`);
  return { url, key };
}
