import { type BackupService, startBackupService } from '../backups/backup-service.js';
import { drillTask, scheduleDrillAtStart } from '../recovery/drill/drill-task.js';
import type { BackupProcessConfiguration } from './start/child-configurations.js';
import { runChild } from './start/run-child.js';

runChild(({ backups, drills }: BackupProcessConfiguration): Promise<BackupService> => {
  return startBackupService(backups, [{ task: drillTask(drills), scheduleAtStart: scheduleDrillAtStart }]);
});
