import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../db/database.js';
import { noteProcess } from '../db/note-process.js';
import { PeriodicJob } from '../jobs/periodic-job.js';
import type { ProcessMetrics } from './process-metrics.js';

/** Milliseconds between two notes. */
const everyMs = 15_000;

/** Facts that go into alerts beside the numbers, such as where refused requests came from. */
export type Evidence = Readonly<Record<string, unknown>>;

/** How a process reports. */
export interface ProcessReport {
  readonly database: Database;
  readonly metrics: ProcessMetrics;
  /** Asked for at each note (default none). */
  readonly evidence?: () => Evidence;
  readonly log: Logger;
  /** Milliseconds between two notes (default 15 s). */
  readonly everyMs?: number;
}

/**
 * Notes the metrics of this process in the database at once and then every 15 s, until it is closed. What fails is logged
 * and tried again.
 */
export function reportProcess(report: ProcessReport): PeriodicJob {
  const process = randomUUID();
  const { database, metrics, evidence = () => ({}), log } = report;
  const run = async () => {
    await noteProcess(database, { process, kind: metrics.kind, metrics: await metrics.look(), evidence: evidence() });
  };
  return new PeriodicJob({ name: 'report', everyMs: report.everyMs ?? everyMs, run }, log);
}
