import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { revokeOperator } from '../domain/operator/revoke-operator.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';

/** `bulkhead operator revoke`. */
export function operatorRevokeCommand(): Command {
  return new Command('revoke')
    .description('Revoke an operator for good: the next request with the key is refused.')
    .argument('<id>', 'id of the operator, as in "operator list"')
    .option('--json', 'print {operatorId, revokedAt} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead operator revoke 8xKq2mP0aZt4
  npx bulkhead operator revoke 8xKq2mP0aZt4 --json

One that is revoked already stays so since when it was.`,
    )
    .action(revoke);
}

async function revoke(id: string, { json = false }: { json?: boolean }): Promise<void> {
  const revokedAt = await withDeployment(loadConfiguration(), ({ operational }) =>
    revokeOperator(operational, id, randomUUID()),
  );
  if (json) printJson({ operatorId: id, revokedAt });
  else print(`Operator ${id} is revoked since ${revokedAt.toISOString()}.`);
}
