import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import { createOperator } from '../domain/operator/create-operator.js';
import { loadConfiguration } from '../server/configuration.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';

/** `bulkhead operator create`. */
export function operatorCreateCommand(): Command {
  return new Command('create')
    .description('Make an operator, and show its key for /operator/graphql this once.')
    .argument('<name>', 'name, unique among operators')
    .option('--json', 'print {operatorId, apiKey} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead operator create "Night shift"
  npx bulkhead operator create deploy-bot --json > operator.json`,
    )
    .action(create);
}

async function create(name: string, { json = false }: { json?: boolean }): Promise<void> {
  const configuration = loadConfiguration();
  const { id, text } = await withDeployment(configuration, ({ operational }) =>
    createOperator(operational, {
      name,
      environment: configuration.BULKHEAD_ENVIRONMENT,
      requestId: randomUUID(),
    }),
  );
  if (json) printJson({ operatorId: id, apiKey: text });
  else print(`Operator   ${id}\nKey        ${text}\n\nKeep the key: it is not shown again.`);
}
