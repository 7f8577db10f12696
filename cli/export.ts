import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { requireUuid } from '../domain/input/id.js';
import type { ExportProgress } from '../export/archive.js';
import type { ExportAccess } from '../export/sources.js';
import { type Configuration, loadConfiguration } from '../server/configuration.js';
import { deploymentIdOf } from '../server/deployment-id.js';
import { exportAsSystem } from '../server/export-as-system.js';
import { readKey } from '../server/keys.js';
import { Progress } from './import/progress.js';
import { deploymentAddresses, withDeployment } from './open-deployment.js';
import { print, printJson } from './print.js';
import { UsageMistake } from './usage-mistake.js';

interface ExportOptions {
  readonly out: string;
  readonly recipient?: string;
  readonly json?: boolean;
}

/** `bulkhead export`. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Write one archive (ZIP) of everything of an organization, on the machine itself.')
    .argument('<org>', 'id of the organization')
    .requiredOption('--out <file>', 'file to write, which is not there yet; only its owner may read it')
    .option('--recipient <key>', 'encrypt it to this age recipient (age1…); not encrypted if absent')
    .option('--json', 'print {orgId, file, bytes, sha256, tables, rows} as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead export 0190a1b2-… --out acme.zip
  npx bulkhead export 0190a1b2-… --out acme.zip.age --recipient age1… --json

What is in it: docs/export.md.`,
    )
    .action(run);
}

async function run(org: string, { out, recipient, json = false }: ExportOptions): Promise<void> {
  const orgId = requireUuid(org, 'organization');
  const file = resolve(out);
  const folder = dirname(file);
  if (!existsSync(folder)) throw new UsageMistake(`--out: there is no directory ${folder}; make it first.`);
  if (existsSync(file)) throw new UsageMistake(`--out: ${out} is there already; name another file.`);
  if (recipient !== undefined && !/^age1[0-9a-z]{58}$/.test(recipient)) {
    throw new UsageMistake('--recipient is no age recipient: it begins with age1, "age-keygen" makes one.');
  }
  const progress = new Progress();
  const onProgress = ({ rowsWritten, tablesDone, tablesTotal }: ExportProgress) =>
    progress.show(rowsWritten, tablesDone / tablesTotal);
  const target = { path: file, onProgress, ...(recipient === undefined ? {} : { recipient }) };
  const configuration = loadConfiguration();
  const access = await accessOf(configuration);
  const { bytes, sha256, manifest } = await withDeployment(configuration, ({ operational }) =>
    exportAsSystem(operational, access, { orgId, part: 'export', target }),
  ).finally(() => progress.end());
  const forms = manifest.files.filter(({ name }) => name.endsWith('.ndjson'));
  const rows = forms.reduce((sum, each) => sum + each.rows, 0);
  if (json) printJson({ orgId, file, bytes, sha256, tables: forms.length, rows });
  else
    print(
      `${rows.toLocaleString('en-US')} rows of ${forms.length} tables\nFile      ${file}\nSHA-256   ${sha256} of the ZIP`,
    );
}

/** How the stores are reached from here, as the worker reaches them. */
async function accessOf(configuration: Configuration): Promise<ExportAccess> {
  if (configuration.isGatewayApart) throw new UsageMistake('Give this command on the machine of the worker.');
  const { worker: operationalUrl, vaultReader: vaultUrl } = await deploymentAddresses(configuration);
  const [contextKey, telemetryKey] = [readKey(configuration, 'context'), readKey(configuration, 'telemetry')];
  const deployment = deploymentIdOf(configuration.BULKHEAD_HOME);
  return { operationalUrl, vaultUrl, contextKey, telemetryKey, deployment };
}
