import { Command, Option } from 'commander';
import type { ScopeInput } from '../auth/scopes/parse-scopes.js';
import { requireUuid } from '../domain/input/id.js';
import { loadConfiguration } from '../server/configuration.js';
import { createKeyAsSystem } from '../server/create-key-as-system.js';
import { withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';
import { readMoment } from './read-moment.js';
import { UsageMistake } from './usage-mistake.js';

interface KeyOptions {
  readonly org: string;
  readonly scope: readonly string[];
  readonly name: string;
  readonly type?: 'EXTERNAL' | 'ADMIN';
  readonly cidr?: readonly string[];
  readonly expires?: string;
  readonly json?: boolean;
}

/** `bulkhead key`. */
export function keyCommand(): Command {
  return new Command('key').description('API keys of organizations').addCommand(createCommand());
}

function createCommand(): Command {
  return new Command('create')
    .description('Make an API key of an organization and show it this once.')
    .requiredOption('--org <id>', 'id of the organization')
    .requiredOption('--scope <scope...>', 'what it may do: an action and a filter, once or more often')
    .option('--name <name>', 'name, 1 to 200 characters', 'Made by the command line')
    .addOption(
      new Option(
        '--type <type>',
        'EXTERNAL for other parties: neither admin nor * (default: EXTERNAL, or ADMIN where the scopes need it)',
      ).choices(['EXTERNAL', 'ADMIN']),
    )
    .option('--cidr <network...>', 'addresses that may use it, once or more often; all if absent')
    .option('--expires <time>', 'moment from which it is refused, ISO 8601; never if absent')
    .option('--json', 'print {orgId, keyId, apiKey} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead key create --org 0190a1b2-… --scope "read THING/#/#"
  npx bulkhead key create --org 0190a1b2-… --scope "read PLACE/Site/#" --scope "write THING/#/#" \\
      --name "Gateway in hall 3" --cidr 192.0.2.0/24 --expires 2027-01-01T00:00:00Z --json
  npx bulkhead key create --org 0190a1b2-… --scope "* *"

Actions and filters: docs/keys-and-scopes.md.`,
    )
    .action(create);
}

async function create(options: KeyOptions): Promise<void> {
  const configuration = loadConfiguration();
  const orgId = requireUuid(options.org, 'organization');
  const scopes = options.scope.map(readScope);
  const key = {
    name: options.name,
    type: options.type ?? (scopes.some(needsAdmin) ? 'ADMIN' : 'EXTERNAL'),
    scopes,
    allowedCidrs: options.cidr ?? [],
    expiresAt: options.expires === undefined ? null : readMoment('--expires', options.expires),
  };
  const environment = configuration.BULKHEAD_ENVIRONMENT;
  const { id, text } = await withDeployment(configuration, ({ operational }) =>
    createKeyAsSystem(operational, { orgId, part: 'key create', environment, key }),
  );
  if (options.json === true) printJson({ orgId, keyId: id, apiKey: text });
  else print(`Key id   ${id}\nKey      ${text}\n\nKeep the key: it is not shown again.`);
}

/** Whether a scope is more than an EXTERNAL key may carry. */
function needsAdmin({ action, resourceFilter }: ScopeInput): boolean {
  return action === 'admin' || action === '*' || resourceFilter === '*';
}

function readScope(text: string): ScopeInput {
  const [, action, resourceFilter] = /^(\S+)\s+(\S.*)$/.exec(text.trim()) ?? [];
  if (action === undefined || resourceFilter === undefined) {
    throw new UsageMistake('--scope is an action and a filter in one argument: --scope "read THING/#/#".');
  }
  return { action, resourceFilter };
}
