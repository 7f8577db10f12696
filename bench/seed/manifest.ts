import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedVersion } from './seed-plan.js';

/** An organization of the seed. Its number is its index; the product chooses its id. */
export interface SeededOrganization {
  readonly orgId: string;
  /** Text of a key that may do everything. */
  readonly fullKey: string;
  /** Text of a key that may read and write some sites, their things, and read definitions. */
  readonly restrictedKey: string;
}

/** What is known of a seeded deployment, as in `manifest.json` beside its home; it holds keys (0600). */
export interface Manifest {
  readonly seedVersion: number;
  /** End of all series of the seed, epoch ms: the begin of a UTC day, so that windows are made of whole ones. */
  readonly endMs: number;
  readonly organizations: readonly SeededOrganization[];
}

/** The manifest of a folder; undefined where there is none that is whole. */
export function readManifest(folder: string): Manifest | undefined {
  const file = manifestFile(folder);
  if (!existsSync(file)) return undefined;
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  return manifest.seedVersion === seedVersion ? manifest : undefined;
}

/** Written last: a folder without it was interrupted and is made anew. */
export function writeManifest(folder: string, manifest: Manifest): void {
  writeFileSync(manifestFile(folder), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
}

function manifestFile(folder: string): string {
  return join(folder, 'manifest.json');
}
