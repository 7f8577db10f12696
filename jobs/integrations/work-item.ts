import type { Identity } from '../../auth/identity.js';

/** What is to be done: ids only. */
export interface WorkItem {
  /** A post to be verified, an accepted event to be written, a delivery to be sent. */
  readonly kind: 'POST' | 'EVENT' | 'DELIVERY';
  readonly orgId: string;
  readonly integrationId: string;
  /** Id of the row of that kind. */
  readonly id: string;
}

/** Does one item, in the name of the system for its organization; the signal tells that the process stops. */
export type WorkStep = (identity: Identity, item: WorkItem, signal: AbortSignal) => Promise<void>;

/** What a process does, by kind; it claims nothing else. */
export type WorkSteps = Readonly<Partial<Record<WorkItem['kind'], WorkStep>>>;
