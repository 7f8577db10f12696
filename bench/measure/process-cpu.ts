import { readFileSync } from 'node:fs';

/** Ticks a second of the times in `/proc/<pid>/stat`: 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/** CPU times of a process in ms. */
export interface ProcessTimes {
  /** User and system time of all its threads. */
  readonly ownMs: number;
  /** The same of its children that have ended. */
  readonly endedChildrenMs: number;
}

/**
 * CPU times of a process, to 10 ms.
 * @throws Error where there is no /proc, or no such process
 */
export function processTimes(pid: number): ProcessTimes {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, second field, is in parentheses and may hold anything; utime is the 14th field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const sum = (first: number) => ((Number(fields[first]) + Number(fields[first + 1])) * 1000) / ticksPerSecond;
  return { ownMs: sum(11), endedChildrenMs: sum(13) };
}

/**
 * CPU time of a process with one thread in ms, to the nanosecond: what the scheduler gave it (`/proc/<pid>/schedstat`).
 * @returns undefined for a process that has ended
 */
export function scheduledMs(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

/** Resident memory of a process in MB (1024² bytes). */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}
