import type { BackupContext } from '../backups/backup-context.js';
import { startBackupService } from '../backups/backup-service.js';
import { drillTask, scheduleDrillAtStart } from '../recovery/drill/drill-task.js';
import { removeLeftScratch } from '../recovery/remove-left-scratch.js';
import { HeldKeys } from '../vault/held-keys.js';
import type { BackupProcessConfiguration } from './start/child-configurations.js';
import { type ChildService, runChild } from './start/run-child.js';

runChild(async ({ backups, drills }: BackupProcessConfiguration): Promise<ChildService> => {
  const rootKeys = new HeldKeys(drills.rootKeys);
  const scheduleAtStart = async (context: BackupContext) => {
    // What a drill has left whose process was killed.
    await removeLeftScratch(drills.beside);
    await scheduleDrillAtStart(context);
  };
  const service = await startBackupService(backups, [{ task: drillTask({ ...drills, rootKeys }), scheduleAtStart }]);
  return {
    takeKeys: (keys) => {
      if (keys.root !== undefined) rootKeys.replace(keys.root);
      service.takeKeys(keys);
    },
    close: () => service.close(),
  };
});
