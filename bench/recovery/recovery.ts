import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withAdministrator } from '../../db/administrator.js';
import { startEmbeddedServer } from '../../db/embedded/start-embedded-server.js';
import { chooseSource } from '../../recovery/cluster/choose-source.js';
import { restoreHome } from '../../recovery/restore-home.js';
import { startBackedUpDeployment } from '../../tests/support/backed-up-deployment.js';
import type { Progress } from '../seed/progress.js';
import { untilInterrupted } from '../until-interrupted.js';
import { fillReadings } from './fill-readings.js';

/** What a run of `recovery` is to do. */
export interface RecoveryPlan {
  /** Rows of some 85 bytes that the cluster has. */
  readonly millionRows: number;
}

/** What `recovery --json` prints. Bytes and seconds. */
export interface RecoveryResult {
  readonly benchmark: 'bulkhead recovery';
  readonly startedAt: string;
  readonly processors: number;
  /** Of the minute before, by processes that wanted to run. */
  readonly load: number;
  readonly cluster: { readonly bytes: number };
  readonly baseBackup: { readonly seconds: number; readonly bytes: number; readonly storedBytes: number };
  /** WAL since the base backup, which a restore of the newest moment replays. */
  readonly wal: { readonly files: number; readonly storedBytes: number };
  readonly restore: { readonly seconds: number; readonly walFiles: number; readonly rowsMissing: number };
}

/** Rows that are changed after the base backup, for one of those that were there. */
const changedShare = 0.1;

/** Fills a cluster, backs it up, changes a tenth, and restores the newest moment into a new home. */
export async function recovery({ millionRows }: RecoveryPlan, progress: Progress): Promise<RecoveryResult> {
  const startedAt = new Date().toISOString();
  const load = Number((loadavg()[0] ?? 0).toFixed(1));
  const deployment = await startBackedUpDeployment({ shared_buffers: '256MB', max_wal_size: '4GB' });
  const into = mkdtempSync(join(tmpdir(), 'bulkhead-bench-'));
  let data: string | undefined;
  try {
    const rows = millionRows * 1_000_000;
    await untilInterrupted(fillReadings(deployment.admin, rows, progress));
    const [size] = await deployment.admin<{ bytes: string }[]>`
      select sum(pg_database_size(oid)) as bytes from pg_database`;
    progress.say('taking a base backup');
    const base = await timed(() => untilInterrupted(deployment.takeBase()));
    await deployment.admin`update public.readings set value = value + 1 where id % ${Math.round(1 / changedShare)} = 0`;
    await deployment.archive();
    const source = await chooseSource(deployment.repository, undefined);
    progress.say('restoring');
    const restored = await timed(() =>
      untilInterrupted(
        restoreHome({
          source,
          home: into,
          port: undefined,
          binDirectory: undefined,
          signal: new AbortController().signal,
          onProgress: () => {},
          putKeys: () => {},
          say: () => {},
        }),
      ),
    );
    data = restored.value.dataDirectory;
    const server = await startEmbeddedServer({ home: into });
    const [found] = await withAdministrator(
      server.adminUrl('postgres'),
      'bulkhead',
      (sql) => sql<{ rows: number }[]>`select count(*)::int as rows from public.readings`,
    );
    await server.stop();
    const { bytes, storedBytes, startWal } = source.base;
    const files = filesIn(deployment.repository.place);
    const wal = files.filter(({ name }) => /\/wal\/.*\/[0-9A-F]{24}$/.test(name) && name.slice(-24) >= startWal);
    return {
      benchmark: 'bulkhead recovery',
      startedAt,
      processors: cpus().length,
      load,
      cluster: { bytes: Number(size?.bytes) },
      baseBackup: { seconds: base.seconds, bytes, storedBytes },
      wal: { files: wal.length, storedBytes: sum(wal) },
      restore: { seconds: restored.seconds, walFiles: restored.value.walFiles, rowsMissing: rows - (found?.rows ?? 0) },
    };
  } finally {
    await deployment.remove();
    for (const path of [data, into]) if (path !== undefined) rmSync(path, { recursive: true, force: true });
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)) };
}

function filesIn(folder: string): { readonly name: string; readonly bytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((name) => ({ name, bytes: statSync(name).size }));
}

function sum(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

/** The result as lines for a person. */
export function recoveryReport({ cluster, baseBackup, wal, restore }: RecoveryResult): string {
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return `Cluster      ${mb(cluster.bytes)}
Base backup  ${baseBackup.seconds} s, ${mb(baseBackup.bytes)} as ${mb(baseBackup.storedBytes)}
WAL since    ${wal.files} files as ${mb(wal.storedBytes)}
Restore      ${restore.seconds} s with ${restore.walFiles} WAL files; ${restore.rowsMissing} rows missing
`;
}
