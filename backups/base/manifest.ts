import { createHash } from 'node:crypto';
import { z } from 'zod';
import { backupFault } from '../backup-fault.js';

const shape = z.object({
  'PostgreSQL-Backup-Manifest-Version': z.union([z.literal(1), z.literal(2)]),
  Files: z.array(
    z.object({
      Path: z.string().optional(),
      'Encoded-Path': z.string().optional(),
      Size: z.int().min(0),
      'Checksum-Algorithm': z.literal('SHA256'),
      Checksum: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  'WAL-Ranges': z.array(z.object({ Timeline: z.int().min(1), 'Start-LSN': z.string(), 'End-LSN': z.string() })).min(1),
  'Manifest-Checksum': z.string(),
});

/** What a file of a base backup has to be. */
export interface ManifestFile {
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly sha256: string;
}

/** PostgreSQL's manifest of a base backup. */
export interface Manifest {
  /** By path in the data directory. */
  readonly files: ReadonlyMap<string, ManifestFile>;
  readonly timeline: number;
  readonly startLsn: string;
  readonly stopLsn: string;
}

/**
 * Reads a `backup_manifest` and checks its checksum of itself.
 * @throws BulkheadError UNAVAILABLE when it is none, or not whole
 */
export function parseManifest(content: Buffer): Manifest {
  const text = content.toString('utf8');
  const manifest = shape.parse(JSON.parse(text));
  const covered = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
  if (createHash('sha256').update(covered).digest('hex') !== manifest['Manifest-Checksum']) {
    throw backupFault('the manifest of the base backup is not what PostgreSQL wrote');
  }
  const files = new Map(
    manifest.Files.map((file) => {
      const path = file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString('latin1');
      return [path, { bytes: file.Size, sha256: file.Checksum }] as const;
    }),
  );
  const ranges = manifest['WAL-Ranges'];
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (first === undefined || last === undefined) throw backupFault('the manifest names no WAL');
  return { files, timeline: last.Timeline, startLsn: first['Start-LSN'], stopLsn: last['End-LSN'] };
}
