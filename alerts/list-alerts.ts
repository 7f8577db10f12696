import type { OrgTransaction } from '../db/with-org.js';

/** An alert as the database has it. */
export interface AlertRow {
  readonly name: string;
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly isFiring: boolean;
  /** When it began to fire last. */
  readonly since: Date;
  readonly resolvedAt: Date | null;
}

/** All alerts of the deployment, those that fire first; for operators and the system. */
export async function listAlerts(tx: OrgTransaction): Promise<AlertRow[]> {
  const rows = await tx.sql<(Omit<AlertRow, 'since' | 'resolvedAt'> & { since: string; resolvedAt: string | null })[]>`
    select name, severity, summary, evidence, firing as "isFiring", since, resolved_at as "resolvedAt"
    from platform.list_alerts()`;
  return rows.map(({ since, resolvedAt, ...row }) => ({
    ...row,
    since: new Date(since),
    resolvedAt: resolvedAt === null ? null : new Date(resolvedAt),
  }));
}
