import { Command } from 'commander';
import { orgCreateCommand } from './org-create.js';
import { orgDeleteCommand } from './org-delete.js';
import { orgDeletionsCommand } from './org-deletions.js';
import { orgRestoreCommand } from './org-restore.js';
import { orgSetDataLimitCommand } from './org-set-data-limit.js';
import { orgVerifyCertificateCommand } from './org-verify-certificate.js';

/** `bulkhead org`. */
export function orgCommand(): Command {
  return new Command('org')
    .description('Organizations of this deployment')
    .addCommand(orgCreateCommand())
    .addCommand(orgDeleteCommand())
    .addCommand(orgDeletionsCommand())
    .addCommand(orgRestoreCommand())
    .addCommand(orgSetDataLimitCommand())
    .addCommand(orgVerifyCertificateCommand());
}
