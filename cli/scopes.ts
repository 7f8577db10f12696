import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { GraphQLError, parse, validate } from 'graphql';
import { leastScopes } from '../auth/permissions/least-scopes.js';
import { formatResourceFilter } from '../auth/scopes/format-resource-filter.js';
import { createSchema } from '../server/schema.js';
import { print, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';

/** `bulkhead scopes`. */
export function scopesCommand(): Command {
  return new Command('scopes')
    .description('Compute the least scopes that the operations of a document need.')
    .argument('<file>', 'GraphQL document with one or more operations')
    .option('--json', 'print [{action, resourceFilter}] as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead scopes operations.graphql

Ids that stand in the document narrow the scopes; ids that come as variables stay open (#).`,
    )
    .action(computeScopes);
}

function computeScopes(file: string, options: { readonly json?: boolean }): void {
  const schema = createSchema();
  const document = readDocument(file);
  const [fault] = validate(schema, document);
  if (fault !== undefined) throw new UsageMistake(`${file} is not valid: ${fault.message}`);
  const scopes = leastScopes(schema, document).map((scope) => ({
    action: scope.action,
    resourceFilter: formatResourceFilter(scope),
  }));
  if (options.json === true) printJson(scopes);
  else for (const { action, resourceFilter } of scopes) print(`--scope "${action} ${resourceFilter}"`);
}

function readDocument(file: string) {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof GraphQLError) throw new UsageMistake(`${file} is no GraphQL document: ${error.message}`);
    throw new UsageMistake(`${file} cannot be read`);
  }
}
