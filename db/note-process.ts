import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import { poolOf } from './pool.js';

/** A process with what it has measured. */
export interface ProcessNote {
  /** Id of the process, a UUID that it makes for itself. */
  readonly process: string;
  readonly kind: string;
  /** Metrics in the JSON of prom-client. */
  readonly metrics: readonly object[];
  /** Facts for alerts, 4,000 bytes at most. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Notes that a process runs, and what it measures; it belongs to no organization, so that this goes around `withOrg`. */
export async function noteProcess(
  database: Database,
  { process, kind, metrics, evidence }: ProcessNote,
): Promise<void> {
  try {
    await poolOf(database)`
      select platform.note_process(${process}, ${kind}, ${JSON.stringify(metrics)}::text::jsonb, ${JSON.stringify(evidence)}::text::jsonb)`;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
