import type { BackupContext } from '../backups/backup-context.js';
import { type BackupService, startBackupService } from '../backups/backup-service.js';
import { drillTask, scheduleDrillAtStart } from '../recovery/drill/drill-task.js';
import { removeLeftScratch } from '../recovery/remove-left-scratch.js';
import type { BackupProcessConfiguration } from './start/child-configurations.js';
import { runChild } from './start/run-child.js';

runChild(({ backups, drills }: BackupProcessConfiguration): Promise<BackupService> => {
  const scheduleAtStart = async (context: BackupContext) => {
    // What a drill has left whose process was killed.
    await removeLeftScratch(drills.beside);
    await scheduleDrillAtStart(context);
  };
  return startBackupService(backups, [{ task: drillTask(drills), scheduleAtStart }]);
});
