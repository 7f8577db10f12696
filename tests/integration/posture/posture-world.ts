import postgres from 'postgres';
import { openPostureHere } from '../../../cli/open-posture.js';
import { readServerRecord } from '../../../db/embedded/server-record.js';
import type { PostureContext } from '../../../posture/posture-context.js';
import { readConfiguration } from '../../../server/configuration.js';
import {
  type BulkheadProcess,
  childrenOf,
  startBulkheadProcess,
  temporaryHome,
  until,
} from '../../support/bulkhead-process.js';

/** A deployment of its own, as `npm start` makes it, with what is needed to break it from outside. */
export interface PostureWorld {
  readonly home: string;
  readonly bulkhead: BulkheadProcess;
  /** What checks look with. */
  readonly context: PostureContext;
  /** Databases as the superuser. */
  readonly admin: Readonly<Record<'operational' | 'vault', postgres.Sql>>;
  stop(): Promise<void>;
}

/**
 * Starts the embedded default and opens what checks look with.
 * @param holdsWorker whether the worker is stopped meanwhile, so that no job comes upon what is broken
 */
export async function startPostureWorld(holdsWorker: boolean): Promise<PostureWorld> {
  const { home, remove } = temporaryHome();
  const bulkhead = await startBulkheadProcess({ BULKHEAD_HOME: home, PORT: '0' });
  const { context, close } = await openPostureHere(
    readConfiguration({ BULKHEAD_HOME: home }),
    Number(new URL(bulkhead.url).port),
  );
  const record = readServerRecord(home)!;
  const connect = (database: string) =>
    postgres(`postgres://postgres:${record.password}@127.0.0.1:${record.port}/${database}`, {
      max: 1,
      onnotice: () => {},
    });
  const admin = { operational: connect('bulkhead'), vault: connect('bulkhead_vault') };
  const worker = childrenOf(bulkhead.child.pid!, 'worker-process')[0]!;
  if (holdsWorker) await hold(worker, admin.operational);
  return {
    home,
    bulkhead,
    context,
    admin,
    stop: async () => {
      process.kill(worker, 'SIGCONT');
      await Promise.all([admin.operational.end(), admin.vault.end()]);
      await close();
      await bulkhead.end('SIGTERM');
      remove();
    },
  };
}

/** Stops a worker at a moment at which it holds no lock. */
async function hold(pid: number, admin: postgres.Sql): Promise<void> {
  await until('the worker to be between two transactions', async () => {
    process.kill(pid, 'SIGSTOP');
    const open = await admin`
      select from pg_stat_activity where application_name = 'bulkhead worker' and xact_start is not null`;
    if (open.length === 0) return true;
    process.kill(pid, 'SIGCONT');
    return undefined;
  });
}
