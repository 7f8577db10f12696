import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BundledPackage, completePackage } from './bundled-package.js';

/**
 * Copies PostgreSQL (about 60 MB, 0.2 s) once to `<cacheDirectory>/<label>`, readable for everybody: for a node_modules
 * that the server's user cannot reach (below /root), or that we cannot complete (read-only). Answers the copy.
 */
export function copyPackage(bundled: BundledPackage, cacheDirectory: string): BundledPackage {
  const directory = join(cacheDirectory, bundled.label);
  if (existsSync(directory)) return { directory, label: bundled.label };
  const unfinished = `${directory}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  chmodSync(cacheDirectory, 0o755);
  cpSync(join(bundled.directory, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  completePackage(unfinished);
  openToAll(unfinished);
  try {
    renameSync(unfinished, directory);
  } catch (error) {
    // A start on another home made the same copy at the same time: either will do.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
  return { directory, label: bundled.label };
}

function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}
