import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RunningContender } from '../contenders/contender-process.js';
import { median } from '../measure/statistics.js';
import { asAdmin } from '../seed/admin.js';
import type { Deployment } from '../seed/deployment.js';
import type { GrowthBound } from './growth.js';
import type { MemoryReport, memorySignal } from './report-memory.js';

/** What is watched, and by how much each may grow. */
export const watched = {
  /** After a full collection. */
  heapMb: { part: 0.1, least: 5 },
  rssMb: { part: 0.15, least: 30 },
  handles: { part: 0.1, least: 10 },
  connections: { part: 0.1, least: 5 },
  /** Private memory of the backends of the gateway, the median one: prepared statements and plans are kept there. */
  backendMb: { part: 0.15, least: 2 },
  /** The same, all together. */
  backendsMb: { part: 0.15, least: 50 },
} as const satisfies Record<string, GrowthBound>;

/** One look at everything that is watched. */
export type Sample = Readonly<Record<keyof typeof watched, number>>;

/** Looks at the gateway and its connections. */
export async function takeSample(gateway: RunningContender, deployment: Deployment): Promise<Sample> {
  const answer = Promise.race([
    once(gateway.child, 'message') as Promise<[MemoryReport]>,
    once(gateway.child, 'exit').then(() => Promise.reject(new Error('the gateway has ended'))),
  ]);
  gateway.child.kill('SIGUSR2' satisfies typeof memorySignal);
  const [{ heapMb, rssMb, handles }] = await answer;
  const backends = await asAdmin(
    deployment,
    'postgres',
    (sql) => sql<{ pid: number }[]>`select pid from pg_stat_activity where application_name like 'bulkhead%'`,
  );
  const memory = backends.map(({ pid }) => privateMb(pid));
  return {
    heapMb,
    rssMb,
    handles,
    connections: backends.length,
    backendMb: median(memory),
    backendsMb: memory.reduce((sum, one) => sum + one, 0),
  };
}

/** Memory of a process that it shares with no other; 0 for one that has just ended. */
function privateMb(pid: number): number {
  try {
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
