import type { RecoverySource } from '../cluster/choose-source.js';
import type { RecoveredCluster } from '../cluster/recover-cluster.js';
import type { OrganizationDifference } from './difference.js';

/** The live deployment, and the organization of it that is put back. */
export interface OrganizationRequest {
  readonly orgId: string;
  /** Address of the administrator, a superuser. */
  readonly adminUrl: string;
  readonly provisionerUrl: string;
  readonly contextKey: Buffer;
  readonly telemetryKey: Buffer;
  readonly source: RecoverySource;
  /** Recovered to the moment. */
  readonly cluster: RecoveredCluster;
  /** Shown what would be done; answers whether it is to be done. */
  readonly confirm: (difference: OrganizationDifference) => Promise<boolean>;
  /** Gets a line for each step. */
  readonly log: (line: string) => void;
}
