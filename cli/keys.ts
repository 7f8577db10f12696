import { Command } from 'commander';
import { keysListCommand } from './keys-list.js';
import { keysRemoveCommand } from './keys-remove.js';
import { keysRotateCommand } from './keys-rotate.js';

/** `bulkhead keys`. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('Keys by which this deployment encrypts and signs: what there is, rotation, removal')
    .addCommand(keysListCommand())
    .addCommand(keysRotateCommand())
    .addCommand(keysRemoveCommand());
}
