import type { OrgTransaction } from '../../db/with-org.js';

/** A drill of the backups as it was signed. */
export interface Drill {
  readonly id: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly isPassed: boolean;
  readonly statement: DrillStatement;
  /** Ed25519 by the audit key over the statement in canonical JSON (RFC 8785), purpose `drill`; base64. */
  readonly signature: string;
}

/** What a drill states. */
export interface DrillStatement {
  readonly type: 'bulkhead drill v1';
  readonly id: string;
  readonly isPassed: boolean;
  /** Why it failed; null when it passed. */
  readonly reason: string | null;
  /** What it found; null when it failed. */
  readonly findings: {
    readonly repository: { readonly bases: number; readonly walFiles: number; readonly bytes: number };
    readonly restored: readonly {
      /** Null for the newest moment. */
      readonly to: string | null;
      readonly seconds: number;
      readonly databases: number;
      readonly tables: number;
      readonly indexes: number;
      readonly rows: number;
    }[];
    readonly auditSegments: number;
    readonly secretsOpened: number;
    readonly credentialsOpened: number;
  } | null;
}

/**
 * The newest drill; null before the first. The transaction must be an operator's or the system's.
 * @throws BulkheadError FORBIDDEN for other actors
 */
export async function newestDrill(tx: OrgTransaction): Promise<Drill | null> {
  const [row] = await tx.sql<
    { id: string; startedAt: string; endedAt: string; isPassed: boolean; statement: string; signature: string }[]
  >`select id, started_at as "startedAt", ended_at as "endedAt", is_passed as "isPassed", statement,
           translate(encode(signature, 'base64'), chr(10), '') as signature from platform.list_drills(1)`;
  if (row === undefined) return null;
  const { id, isPassed, signature } = row;
  const statement = JSON.parse(row.statement) as DrillStatement;
  return { id, isPassed, startedAt: new Date(row.startedAt), endedAt: new Date(row.endedAt), statement, signature };
}
