import { closeSync, fsyncSync, openSync } from 'node:fs';

/** A new name is only safe from a power cut when its directory is on the disk too. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
