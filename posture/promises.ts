import type { Promised } from './promised.js';
import { auditPromises } from './promises/audit.js';
import { backupsPromises } from './promises/backups.js';
import { encryptionAtRestPromises } from './promises/encryption-at-rest.js';
import { isolationPromises } from './promises/isolation.js';
import { keysPromises } from './promises/keys.js';
import { lifecyclePromises } from './promises/lifecycle.js';
import { limitsPromises } from './promises/limits.js';
import { monitoringPromises } from './promises/monitoring.js';
import { networkPromises } from './promises/network.js';
import { organizationPromises } from './promises/organization.js';
import { secretsPromises } from './promises/secrets.js';
import { transportPromises } from './promises/transport.js';

export type { Keeper, Promised } from './promised.js';

/** A group of promises about one subject. */
export interface Subject {
  readonly title: string;
  readonly promises: readonly Promised[];
}

/** All promises by subject, in the order of the trust page. */
export const subjects: readonly Subject[] = [
  { title: 'That organizations are kept apart', promises: isolationPromises },
  { title: 'Keys, scopes, and who may do what', promises: keysPromises },
  { title: 'Rates, sizes and floods', promises: limitsPromises },
  { title: 'Secrets of integrations and of the deployment', promises: secretsPromises },
  { title: 'The audit log', promises: auditPromises },
  { title: 'Backups, recovery and replication', promises: backupsPromises },
  { title: 'What is reached from where', promises: networkPromises },
  { title: 'Encryption on the way', promises: transportPromises },
  { title: 'Encryption on disks', promises: encryptionAtRestPromises },
  { title: 'Watching, software and development', promises: monitoringPromises },
  { title: 'Keeping, deleting and taking out', promises: lifecyclePromises },
  { title: 'What the people who operate it promise', promises: organizationPromises },
];

/** All promises. */
export const promises: readonly Promised[] = subjects.flatMap((subject) => subject.promises);
