import { Command } from 'commander';
import { operatorCreateCommand } from './operator-create.js';
import { operatorListCommand } from './operator-list.js';
import { operatorRevokeCommand } from './operator-revoke.js';

/** `bulkhead operator`. */
export function operatorCommand(): Command {
  return new Command('operator')
    .description('Operators of this deployment')
    .addCommand(operatorCreateCommand())
    .addCommand(operatorListCommand())
    .addCommand(operatorRevokeCommand());
}
