import { randomUUID } from 'node:crypto';
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { deploymentOrgId, systemIdentity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { isReachable } from '../db/is-reachable.js';
import { withOrg } from '../db/with-org.js';
import { BoundedParts } from '../jobs/bounded-parts.js';
import { backupMetrics } from './backup-metrics.js';
import { ClockWatch } from './clock-watch.js';
import type { MetricName } from './metric-definitions.js';
import { type NotedProcess, notedProcesses } from './noted-processes.js';
import { ProcessMetrics, type Sample } from './process-metrics.js';

/** What is measured of a deployment. */
export interface DeploymentParts {
  /** Operational database as `bulkhead_worker`. */
  readonly database: Database;
  /** Directories whose disks are looked at, by what they hold. */
  readonly directories: Readonly<Record<string, string>>;
  /** Data directory of the embedded PostgreSQL. */
  readonly dataDirectory?: string;
  /** Kinds of processes that are to be there. */
  readonly expected: readonly NotedProcess['kind'][];
}

/** What one look at a deployment has found. */
export interface DeploymentLook {
  /** Of all processes, each metric that has the form of one. */
  readonly samples: readonly Sample[];
  readonly processes: readonly NotedProcess[];
  readonly isDatabaseUp: boolean;
}

/** Milliseconds that PostgreSQL and each disk may take: one that hangs keeps nobody from hearing of the others. */
const patienceMs = 4_000;

/** Measures PostgreSQL, disks, clock, and which processes show themselves. */
export class DeploymentMetrics {
  readonly metrics = new ProcessMetrics('supervisor');
  readonly #parts: DeploymentParts;
  readonly #clock = new ClockWatch();
  readonly #bounded = new BoundedParts();
  readonly #startedMs = performance.now();

  constructor(parts: DeploymentParts) {
    this.#parts = parts;
    this.metrics.measureProcess();
  }

  /** Measures everything that can be measured now: while the database is away the disks, the clock, and that it is. */
  async look(): Promise<DeploymentLook> {
    const { database, dataDirectory } = this.#parts;
    const isDatabaseUp = await isReachable(database);
    this.metrics.set('bulkhead_database_up', [[{}, isDatabaseUp ? 1 : 0]]);
    const found = isDatabaseUp
      ? await this.#bounded.run('database', patienceMs, () => this.#lookAtDatabase()).catch(() => undefined)
      : undefined;
    this.metrics.set('bulkhead_clock_jump_seconds', [[{}, this.#clock.look(found?.databaseSeconds)]]);
    this.metrics.set('bulkhead_disk_used_ratio', await this.#disks());
    const walBytes =
      dataDirectory === undefined
        ? undefined
        : await this.#bounded.run('wal', patienceMs, () => bytesOf(join(dataDirectory, 'pg_wal')));
    this.metrics.set('bulkhead_wal_bytes', walBytes === undefined ? [] : [[{}, walBytes]]);
    const own = samplesOf((await this.metrics.look()) as NotedProcess['metrics']);
    const processes = found?.processes ?? [];
    return { samples: [...own, ...processes.flatMap((each) => samplesOf(each.metrics))], processes, isDatabaseUp };
  }

  async #lookAtDatabase() {
    const identity = systemIdentity(deploymentOrgId, 'signals', randomUUID());
    const sinceStart = (performance.now() - this.#startedMs) / 1000;
    const { values, processes, databaseSeconds } = await withOrg(this.#parts.database, identity, 'read', async (tx) => {
      const rows = await tx.sql<{ name: string; value: number | null }[]>`select name, value from platform.measure()`;
      const measured = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
      const seconds = measured['bulkhead_database_clock_seconds'] ?? Date.now() / 1000;
      const ofBackups = this.#parts.expected.includes('backup') ? await backupMetrics(tx, seconds, sinceStart) : {};
      return {
        values: { ...measured, ...ofBackups },
        processes: await notedProcesses(tx),
        databaseSeconds: seconds,
      };
    });
    for (const [name, value] of Object.entries(values)) {
      this.metrics.set(name as MetricName, value === null ? [] : [[{}, value]]);
    }
    this.metrics.set(
      'bulkhead_process_seen_seconds',
      this.#parts.expected.map((kind) => {
        const seen = processes.filter((each) => each.kind === kind).map(({ seenSeconds }) => seenSeconds);
        return [{ kind }, Math.min(sinceStart, ...seen)];
      }),
    );
    return { processes: processes.filter(({ kind }) => kind !== 'supervisor'), databaseSeconds };
  }

  async #disks() {
    const found = Object.entries(this.#parts.directories).map(async ([holds, directory]) => {
      try {
        const found = await this.#bounded.run(`disk ${holds}`, patienceMs, () => statfs(directory));
        if (found === undefined) return [];
        const { blocks, bfree, bavail } = found;
        // As df counts: what only the administrator may fill is neither used nor free.
        const used = blocks - bfree;
        return [[{ holds }, used / (used + bavail)]] as const;
      } catch {
        return [];
      }
    });
    return (await Promise.all(found)).flat();
  }
}

/** Bytes of the files of a directory; undefined when it cannot be read. */
async function bytesOf(directory: string): Promise<number | undefined> {
  try {
    let sum = 0;
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      // One that is gone by now has no bytes.
      if (entry.isFile())
        sum += await stat(join(directory, entry.name)).then(
          ({ size }) => size,
          () => 0,
        );
    }
    return sum;
  } catch {
    return undefined;
  }
}

function samplesOf(metrics: NotedProcess['metrics']): Sample[] {
  return metrics.flatMap(({ name, values }) =>
    values.map(({ value, labels }) => ({
      name: name as MetricName,
      value,
      labels: Object.fromEntries(Object.entries(labels).map(([label, each]) => [label, String(each)])),
    })),
  );
}
