import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A node of the cluster as Patroni tells of it. */
interface Member {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

const state = process.env['BULKHEAD_PATRONI_STATE'] ?? '';
const basePort = Number(process.env['BASE_REST_PORT']);

/** What the nodes that answer say of the cluster. */
export async function members(): Promise<readonly Member[]> {
  for (const node of [1, 2]) {
    try {
      const response = await fetch(`http://127.0.0.1:${basePort + node}/cluster`, {
        signal: AbortSignal.timeout(1000),
      });
      return ((await response.json()) as { members: Member[] }).members;
    } catch {
      // The other one may answer.
    }
  }
  return [];
}

/** The number of the primary's node. */
export async function leader(): Promise<number> {
  const found = (await members()).find(({ role }) => role === 'leader');
  return Number(found?.name.replace('node', '') ?? 0);
}

/** Waits until one node is the primary and the other its synchronous standby; answers milliseconds. */
export async function untilComplete(patienceMs = 120_000): Promise<number> {
  const began = performance.now();
  for (;;) {
    const roles = (await members()).map(({ role }) => role).sort();
    if (roles.join() === 'leader,sync_standby') return Math.round(performance.now() - began);
    if (performance.now() - began > patienceMs) throw new Error(`the cluster is not complete: ${roles}`);
    await delay(250);
  }
}

/** Patroni of a node and every process of its PostgreSQL. */
function processes(node: number): number[] {
  const patroni = Number(readFileSync(join(state, `node${node}.pid`), 'utf8'));
  const pidFile = join(state, `data${node}`, 'postmaster.pid');
  const postmaster = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : undefined;
  if (postmaster === undefined) return [patroni];
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const children = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return [patroni, postmaster, ...children.filter(([, parent]) => parent === postmaster).map(([pid = 0]) => pid)];
}

/** Kills everything of a node, Patroni first, so that nobody tidies up. */
export function killNode(node: number): void {
  for (const pid of processes(node)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Starts Patroni of a node whose processes were killed. */
export async function startNode(node: number): Promise<void> {
  await promisify(execFile)('deploy/patroni/node-start', [String(node)]);
}

/** Keeps a result in the folder of results. */
export function keepResult(text: string): void {
  writeFileSync(join('deploy', 'patroni', 'results', 'failover.json'), text);
}
