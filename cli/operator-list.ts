import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { listOperators } from '../domain/operator/list-operators.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';

/** `bulkhead operator list`. */
export function operatorListCommand(): Command {
  return new Command('list')
    .description('Show all operators, oldest first, the revoked ones too.')
    .option('--json', 'print a JSON list of {id, name, createdAt, revokedAt}')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead operator list
  npx bulkhead operator list --json | jq '.[] | select(.revokedAt == null) | .name'`,
    )
    .action(list);
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const operators = await withDeployment(loadConfiguration(), ({ operational }) =>
    listOperators(operational, randomUUID()),
  );
  if (json) return printJson(operators);
  if (operators.length === 0) print('There are no operators.');
  for (const { id, name, createdAt, revokedAt } of operators) {
    const end = revokedAt === null ? '' : `  revoked ${revokedAt.toISOString()}`;
    print(`${id}  ${name}\n  made ${createdAt.toISOString()}${end}`);
  }
}
