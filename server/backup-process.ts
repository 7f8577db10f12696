import { startBackupService } from '../backups/backup-service.js';
import { runChild } from './start/run-child.js';

runChild(startBackupService);
