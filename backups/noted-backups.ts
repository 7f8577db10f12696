import { type BackupContext, inTransaction } from './backup-context.js';

/** What the database knows to be stored: a repository from which something was removed does not show that by itself. */
export interface NotedBackups {
  /** Ids of base backups that were completed and that no rotation has removed. */
  readonly bases: readonly string[];
  /** Name of the last WAL file that was stored; null where the database is not told. */
  readonly lastWal: string | null;
}

/** To be asked before the repository is read, which may know more by then. */
export function readNotedBackups(context: Pick<BackupContext, 'operational'>): Promise<NotedBackups> {
  return inTransaction(context, async ({ sql }) => {
    const bases = await sql<{ id: string }[]>`select id from platform.completed_base_backups() id`;
    const [status] = await sql<{ lastWal: string | null }[]>`
      select last_wal as "lastWal" from platform.backup_status()`;
    return { bases: bases.map(({ id }) => id), lastWal: status?.lastWal ?? null };
  });
}
