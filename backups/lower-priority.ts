import { existsSync, readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** The threads of this process, of which each has a priority of its own on Linux. */
const threads = '/proc/self/task';

/**
 * Lowers the priority of this process: of all its threads, since those that compress and encrypt were made before. Those
 * to come have that of the thread that makes them.
 * @param niceness 0 to 19, which is the lowest priority
 */
export function lowerPriority(niceness: number): void {
  for (const id of existsSync(threads) ? readdirSync(threads).map(Number) : [process.pid]) {
    try {
      // To raise one that is lower already is not everybody's right.
      if (getPriority(id) < niceness) setPriority(id, niceness);
    } catch {
      // It has ended since.
    }
  }
}
