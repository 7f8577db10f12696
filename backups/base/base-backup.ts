import { z } from 'zod';

const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/);
const walFile = z.string().regex(/^[0-9A-F]{24}$/);
const count = z.int().min(0);

/** Periods of local time, longest first. */
export const periods = ['yearly', 'monthly', 'weekly', 'daily'] as const;

/** A period of local time. */
export type Period = (typeof periods)[number];

const shape = z.object({
  format: z.literal(1),
  /** Name: the moment at which it was begun, `20261122T040000Z`. */
  id: z.string().regex(/^\d{8}T\d{6}Z$/),
  deployment: z.string().min(1),
  /** Identifier of the cluster. */
  system: z.string().regex(/^\d{1,20}$/),
  /** By the clock of the server. What was committed after the end can be restored. */
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** Periods, by the local time of the schedule, of which it is the first base backup: what the rotation goes by. */
  firstOf: z.array(z.enum(periods)),
  timeline: z.int().min(1),
  startLsn: lsn,
  stopLsn: lsn,
  /** First and last WAL file that it cannot be restored without. */
  startWal: walFile,
  stopWal: walFile,
  walFileBytes: z.int().min(1_048_576),
  /** Number as of `server_version_num`: 180004. */
  postgresVersion: z.int(),
  /** The superuser with which the cluster was made: who recovers it has to know. */
  superuser: z.string().min(1),
  bulkheadVersion: z.string(),
  /** Archives in tar format: `base.tar`, and one for each tablespace, by its oid. */
  archives: z.array(z.object({ name: z.string().regex(/^[a-z0-9]+\.tar$/), bytes: count, parts: count })).min(1),
  /** PostgreSQL's own manifest: size and SHA-256 of each file. */
  manifest: z.object({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  files: count,
  /** As read from the server, and as stored. */
  bytes: count,
  storedBytes: count,
});

/** A complete base backup, as described in the repository. */
export type BaseBackup = Readonly<z.infer<typeof shape>>;

/** Bytes of one part of an archive; each is sealed by itself. */
export const partBytes = 16 * 1024 * 1024;

/** The id of a base backup that begins at a moment. */
export function baseIdOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** Names of the objects of a base backup. */
export const baseObjects = {
  folder: (system: string) => `${system}/base/`,
  /** Stored last: without it there is no base backup. */
  description: (system: string, id: string) => `${system}/base/${id}/description`,
  manifest: (system: string, id: string) => `${system}/base/${id}/manifest`,
  /** @param part from 1 */
  part: (system: string, id: string, archive: string, part: number) =>
    `${system}/base/${id}/${archive}/${String(part).padStart(6, '0')}`,
} as const;

/** The object of a description. */
export function formatBase(base: BaseBackup): Buffer {
  return Buffer.from(`${JSON.stringify(base, null, 2)}\n`);
}

/** @throws Error for what is no description */
export function parseBase(content: Buffer): BaseBackup {
  return shape.parse(JSON.parse(content.toString('utf8')));
}
