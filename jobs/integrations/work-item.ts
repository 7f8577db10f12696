import type { Identity } from '../../auth/identity.js';
import type { JobContext } from '../job-context.js';

/** What is to be done: ids only. */
export interface WorkItem {
  /** A post to be verified, a delivery to be sent. */
  readonly kind: 'POST' | 'DELIVERY';
  readonly orgId: string;
  readonly integrationId: string;
  /** Id of the row of that kind. */
  readonly id: string;
}

/** Does one item, in the name of the system for its organization; the signal tells that the worker stops. */
export type WorkStep = (context: JobContext, identity: Identity, item: WorkItem, signal: AbortSignal) => Promise<void>;
