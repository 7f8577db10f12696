import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lockFileName, lockHome } from '../db/embedded/lock-home.js';
import { endLeftServer } from './end-left-server.js';

/** How the directories of clusters that are recovered to be looked at begin. */
export const scratchPrefix = 'scratch-';
/** Milliseconds that a directory may take to get its lock. */
const lockedWithinMs = 60_000;

/**
 * Ends and removes clusters that were recovered to be looked at, and whose process is gone, killed for example: they
 * hold what the deployment holds.
 * @param beside a data directory beside which they were made
 * @returns how many there were
 */
export async function removeLeftScratch(beside: string): Promise<number> {
  const place = dirname(beside);
  const folders = existsSync(place) ? readdirSync(place).filter((name) => name.startsWith(scratchPrefix)) : [];
  let removed = 0;
  for (const name of folders) {
    const folder = join(place, name);
    if (!isLeft(folder)) continue;
    await endLeftServer(join(folder, 'data'));
    rmSync(folder, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

function isLeft(folder: string): boolean {
  const madeMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  if (madeMs === undefined) return false;
  if (!existsSync(join(folder, lockFileName)) && Date.now() - madeMs < lockedWithinMs) return false;
  try {
    lockHome(folder);
    return true;
  } catch {
    return false;
  }
}
