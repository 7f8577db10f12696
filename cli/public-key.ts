import { readFileSync } from 'node:fs';
import { type AuditVerifier, auditSigner, parseVerifierKey } from '../audit/audit-key.js';
import { loadConfiguration } from '../server/configuration.js';
import { deploymentIdOf } from '../server/deployment-id.js';
import { readKey } from '../server/keys.js';
import { UsageMistake } from './usage-mistake.js';

/**
 * The public key that the option names, by itself or as a file; without it that of home.
 * @throws UsageMistake for what is no key
 */
export function publicKeyOf(option: string | undefined): AuditVerifier {
  if (option === undefined) {
    const configuration = loadConfiguration();
    return auditSigner(readKey(configuration, 'audit'), deploymentIdOf(configuration.BULKHEAD_HOME));
  }
  const key = parseVerifierKey(option) ?? parseVerifierKey(readText(option, '--public-key'));
  if (key === undefined) throw new UsageMistake('--public-key is no key: give what "bulkhead audit key" prints.');
  return key;
}

/**
 * The text of a file that an option names.
 * @throws UsageMistake for one that cannot be read
 */
export function readText(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageMistake(`${option}: ${file} cannot be read.`);
  }
}
