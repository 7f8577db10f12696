import { Command } from 'commander';
import { backupArchiveWalCommand } from './backup-archive-wal.js';
import { backupDrillCommand } from './backup-drill.js';
import { backupListCommand } from './backup-list.js';
import { backupNowCommand } from './backup-now.js';

/** `bulkhead backup`. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('Base backups and the WAL archive: what there is, one more, drills, WAL of a PostgreSQL of your own')
    .addCommand(backupListCommand())
    .addCommand(backupNowCommand())
    .addCommand(backupDrillCommand())
    .addCommand(backupArchiveWalCommand());
}
