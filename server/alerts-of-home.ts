import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Alert, alertsFile, alertsOfHome } from '../alerts/alert.js';
import { homeJson, readHomeJson } from './home-json.js';
import { replacePrivateFile } from './private-file.js';

/**
 * The alerts that the watch has kept in home. A file that cannot be read is none: a start must not fail for it, and the
 * next look finds again what is wrong.
 */
export function readAlerts(home: string, log: Logger): readonly Alert[] {
  try {
    return readHomeJson(join(home, alertsFile), alertsOfHome)?.alerts ?? [];
  } catch (error) {
    log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'alerts that were kept cannot be read');
    return [];
  }
}

/**
 * Keeps alerts in home, in a private file.
 * @throws BulkheadError UNAVAILABLE when it cannot be written
 */
export function keepAlerts(home: string, alerts: readonly Alert[]): void {
  replacePrivateFile(join(home, alertsFile), homeJson({ alerts }));
}
