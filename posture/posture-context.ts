import { type Catalogue, openCatalogue } from '../db/catalogue.js';
import type { Database } from '../db/database.js';
import { packageRoot } from '../db/package-root.js';
import type { PostureConfiguration } from './posture-configuration.js';

/** What checks look with. */
export interface PostureContext {
  readonly configuration: PostureConfiguration;
  /** Catalogues of both databases, as `bulkhead_posture`. */
  readonly operational: Catalogue;
  readonly vault: Catalogue;
  /** Rows as `bulkhead_worker` sees them, under signed contexts. */
  readonly rows: Database;
  /** The moment of the run. */
  readonly now: Date;
  /** Versions of what runs this process. */
  readonly versions: Readonly<Record<'node' | 'openssl', string>>;
  /** Directory of the program. */
  readonly program: string;
  /** Root of the tree that has `proc` and `sys` of Linux. */
  readonly systemRoot: string;
  /** Certificates of authorities that are trusted beside those of Node, in PEM. */
  readonly extraAuthorities: readonly string[];
}

/**
 * Opens what checks look with; nothing is connected until the first look.
 * @param rows the operational database as `bulkhead_worker`, which stays the caller's to close
 * @param now the moment of the run
 */
export function openPosture(configuration: PostureConfiguration, rows: Database, now: Date): PostureContext {
  return {
    configuration,
    operational: openCatalogue(configuration.operationalUrl),
    vault: openCatalogue(configuration.vaultUrl),
    rows,
    now,
    versions: { node: process.versions.node, openssl: process.versions.openssl },
    program: packageRoot,
    systemRoot: '/',
    extraAuthorities: [],
  };
}

/** Closes what `openPosture` has opened. */
export async function closePosture({ operational, vault }: PostureContext): Promise<void> {
  await Promise.all([operational.close(), vault.close()]);
}
