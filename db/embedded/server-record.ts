import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startFault } from './start-fault.js';

const shape = z.object({
  port: z.int().min(1).max(65_535),
  user: z.literal('postgres'),
  password: z.string().min(1),
  dataDirectory: z.string().min(1),
  startedWith: z.array(z.string()),
});

/** What a home knows of its PostgreSQL: `<home>/postgres.json`, 0600, because it holds the superuser's password. */
export interface ServerRecord extends Readonly<z.infer<typeof shape>> {
  /** Version, program and arguments of the last start: a server that was started with other ones is not taken over. */
  readonly startedWith: string[];
}

/** Path of the record. */
export function serverRecordFile(home: string): string {
  return join(home, 'postgres.json');
}

/**
 * Reads the record; undefined when there is none.
 * @throws BulkheadError UNAVAILABLE when it is there but damaged.
 */
export function readServerRecord(home: string): ServerRecord | undefined {
  const file = serverRecordFile(home);
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw startFault(
      `${file} (port and password of PostgreSQL) cannot be read: restore it from a copy of home.`,
      error,
    );
  }
}

/** Writes the record whole or not at all. */
export function writeServerRecord(home: string, record: ServerRecord): void {
  const file = serverRecordFile(home);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
