import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Administrator, connectAsAdministrator } from '../../db/administrator.js';
import { readServerRecord } from '../../db/embedded/server-record.js';
import { walSpoolOf } from '../../db/embedded/wal-spool.js';
import {
  type BulkheadProcess,
  freePort,
  startBulkheadProcess,
  temporaryHome,
} from '../../tests/support/bulkhead-process.js';
import type { Progress } from '../seed/progress.js';
import { fillReadings } from './fill-readings.js';

/** A whole Bulkhead that runs as `npm start` runs it, with the demo and rows beside it. */
export interface FilledBulkhead {
  readonly home: string;
  readonly process: BulkheadProcess;
  /** Address and key of the demo. */
  readonly access: { readonly url: string; readonly apiKey: string; readonly orgId: string };
  /** Operational database as the superuser. */
  readonly admin: Administrator;
  /** Where WAL waits for the backup process. */
  readonly spool: string;
  /** Bytes of all databases. */
  readonly bytes: number;
}

/** Starts one with so many rows of some 85 bytes, hands it to `work`, and removes it. */
export async function withFilledBulkhead<Result>(
  millionRows: number,
  progress: Progress,
  work: (bulkhead: FilledBulkhead) => Promise<Result>,
): Promise<Result> {
  const { home, remove } = temporaryHome();
  const started = await startBulkheadProcess({ BULKHEAD_HOME: home, PORT: String(await freePort()) });
  try {
    const access = JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8'));
    const record = readServerRecord(home);
    if (record === undefined) throw new Error(`${home} has no PostgreSQL`);
    const address = `postgres://${record.user}:${record.password}@127.0.0.1:${record.port}/postgres`;
    const admin = connectAsAdministrator(address, 'bulkhead');
    try {
      await admin`insert into platform.rate_limits (org_id, tier, per_minute, burst)
                  select o.org_id, t, 1000000, 1000000 from platform.organizations o, unnest('{STANDARD,DATA_READ}'::text[]) t
                  on conflict (org_id, tier) do update set per_minute = 1000000, burst = 1000000`;
      await fillReadings(admin, millionRows * 1_000_000, progress);
      const [size] = await admin<{ bytes: string }[]>`select sum(pg_database_size(oid)) as bytes from pg_database`;
      const spool = walSpoolOf(realpathSync(join(home, 'postgres')));
      return await work({ home, process: started, access, admin, spool, bytes: Number(size?.bytes) });
    } finally {
      await admin.end({ timeout: 5 });
    }
  } finally {
    await started.end('SIGTERM');
    remove();
  }
}
