import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../db/package-root.js';
import { tableDecisions } from './table-decisions.js';

/** Version of the layout of archives; a reader refuses one that it does not know. */
export const formatVersion = 1;

/** A file of an archive, as its manifest lists it. */
export interface ManifestFile {
  readonly name: string;
  /** Rows in it; the line of names of a CSV is none. */
  readonly rows: number;
  /** Bytes, unpacked. */
  readonly bytes: number;
  /** SHA-256 of these bytes, hex. */
  readonly sha256: string;
}

/** `manifest.json`, the last file of an archive. */
export interface Manifest {
  readonly format: 'bulkhead-export';
  readonly formatVersion: number;
  readonly productVersion: string;
  /** Id of the deployment that made the archive. */
  readonly deployment: string;
  readonly organization: { readonly id: string; readonly name: string };
  /** When each store was looked at, and what that means. */
  readonly consistency: {
    readonly operational: string;
    readonly vault: string;
    readonly telemetry: string;
    readonly promise: string;
  };
  /** Readings before this many days are not in the archive. */
  readonly retentionDays: number;
  readonly files: readonly ManifestFile[];
  /** Tables and columns that the archive leaves out, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/** What is promised of the three instants. */
const promise =
  'Each store is read from one snapshot: all of its files show it as it was at its instant. The snapshots were taken ' +
  'one after the other, operational first. What was changed between two instants is in one store as it was before, ' +
  'and in the other as it was after. Readings are those of the things in tables/things.';

/** Puts a manifest together. */
export function manifestOf(
  parts: Pick<Manifest, 'deployment' | 'organization' | 'retentionDays' | 'files'> & {
    readonly instants: Readonly<Record<'operational' | 'vault' | 'telemetry', string>>;
  },
): Manifest {
  const { instants, ...rest } = parts;
  return {
    format: 'bulkhead-export',
    formatVersion,
    productVersion: productVersion(),
    deployment: rest.deployment,
    organization: rest.organization,
    consistency: { ...instants, promise },
    retentionDays: rest.retentionDays,
    files: rest.files,
    leftOut: leftOut(),
  };
}

function productVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

function leftOut(): Record<string, string> {
  const entries = Object.values(tableDecisions)
    .flatMap((tables) => Object.entries(tables))
    .flatMap(([table, decision]) =>
      'excluded' in decision
        ? [[table, decision.excluded] as const]
        : Object.entries(decision.withheld).map(([column, reason]) => [`${table}.${column}`, reason] as const),
    );
  return Object.fromEntries(entries);
}
