import { readFileSync } from 'node:fs';
import { processTimes, residentMb, scheduledMs } from './process-cpu.js';

/**
 * CPU time of a PostgreSQL in ms: the postmaster, all its children, and those that have ended. Backends have one thread
 * each, so their times are exact to the nanosecond; hundreds of them would add up to large errors in ticks.
 */
export function postgresCpuMs(postmaster: number): number {
  const { endedChildrenMs } = processTimes(postmaster);
  const living = [postmaster, ...childrenOf(postmaster)].reduce((sum, pid) => sum + (scheduledMs(pid) ?? 0), 0);
  return living + endedChildrenMs;
}

/** Pids of the children of a process. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Resident memory of all backends in MB; pages that they share are counted once for each. */
export function backendsResidentMb(postmaster: number): number {
  return childrenOf(postmaster).reduce((sum, pid) => {
    try {
      return sum + residentMb(pid);
    } catch {
      return sum;
    }
  }, 0);
}
