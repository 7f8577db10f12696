import { readdirSync } from 'node:fs';
import { Command } from 'commander';
import { ArchiveFault, type FaultPlace } from '../audit/archive/archive-fault.js';
import { type VerifiedArchive, verifyArchive } from '../audit/archive/verify-archive.js';
import { compareWithArchive } from '../domain/audit/compare-with-archive.js';
import { loadConfiguration } from '../server/configuration.js';
import { exitStatus } from './exit-status.js';
import { withDeployment } from './open-deployment.js';
import { print, printAside, printJson } from './print.js';
import { publicKeyOf, readText } from './public-key.js';
import { UsageMistake } from './usage-mistake.js';

interface VerifyOptions {
  readonly dir?: readonly string[];
  readonly publicKey?: string;
  readonly checkpoint?: readonly string[];
  readonly maxAge?: string;
  readonly live?: boolean;
  readonly json?: boolean;
}

/** `bulkhead audit verify`. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'Verify the audit log from its files and the public key, without the database, and name the first bad entry.',
    )
    .option('--dir <directory...>', 'directories with segments; of several the segments are compared (default: home’s)')
    .option('--public-key <key>', 'public key, or a file with it (default: that of home)')
    .option('--checkpoint <file...>', 'checkpoints that were kept elsewhere, which the log has to contain')
    .option('--max-age <minutes>', 'fail if the newest checkpoint is older')
    .option('--live', 'compare the entries in the running database with the sealed ones, too')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  npx bulkhead audit verify
  npx bulkhead audit verify --dir /mnt/copy --public-key audit.pub --max-age 5
  npx bulkhead audit verify --dir /mnt/copy --checkpoint kept-by-customer.txt --json
  npx bulkhead audit verify --live

Exit status: 0 without fault, 1 with one, 2 for a mistake in the command. What is verified: docs/audit.md.`,
    )
    .action(verify);
}

async function verify(options: VerifyOptions): Promise<void> {
  const key = publicKeyOf(options.publicKey);
  for (const directory of options.dir ?? []) requireDirectory(directory);
  const directories = options.dir ?? [loadConfiguration().CHECKPOINT_DIRECTORY];
  const maxAgeMinutes = readMaxAge(options.maxAge);
  const notes = (options.checkpoint ?? []).map((file) => readText(file, '--checkpoint'));
  try {
    const archives = directories.map((directory) =>
      verifyArchive(directory, { key, notes, keepsHashes: options.live === true }),
    );
    compareCopies(directories, archives);
    const [archive] = archives;
    if (archive === undefined) throw new UsageMistake('--dir names no directory.');
    requireFresh(archive, maxAgeMinutes);
    const compared =
      options.live === true
        ? await withDeployment(loadConfiguration(), ({ operational }) => compareWithArchive(operational, key, archive))
        : undefined;
    report(archive, compared, options.json === true);
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    if (options.json === true) printJson({ ok: false, fault: { reason: error.message, ...error.place } });
    else printAside(`FAULT: ${describe(error.place)}${error.message}`);
    process.exitCode = exitStatus.fault;
  }
}

function report(
  { segments, state, generation, forks }: VerifiedArchive,
  compared: number | undefined,
  json: boolean,
): void {
  const organizations = state.organizations.size;
  const entries = [...state.organizations.values()].reduce((sum, { tree }) => sum + tree.size, 0);
  if (json) {
    const checkpoint = { generation, number: state.number, size: state.log.size, at: state.at };
    printJson({
      ok: true,
      segments,
      organizations,
      entries,
      checkpoint,
      forks,
      ...(compared === undefined ? {} : { compared }),
    });
    return;
  }
  print(`OK: ${entries} entries of ${organizations} organizations in ${segments} segments are as they were sealed.`);
  print(`Newest checkpoint: segment ${generation}/${state.number} of ${state.at}.`);
  if (compared !== undefined) print(`Database: ${compared} entries are as they were sealed.`);
  for (const { after, abandoned } of forks) {
    const [then, last] = [after, abandoned].map(({ generation, number }) => `${generation}/${number}`);
    const lost =
      then === last ? 'nothing was sealed after it' : `what was sealed from there to ${last} is not in it any more`;
    print(`Note: the database was put back in time to segment ${then}; ${lost}.`);
  }
}

/** Where a fault is, in words. */
function describe(place: FaultPlace | undefined): string {
  if (place === undefined) return '';
  const { organization, index, generation, segment } = place;
  const at = `segment ${generation}/${segment}`;
  if (index === undefined) return `${at}: `;
  return organization === null || organization === undefined
    ? `leaf ${index} of the deployment’s log (${at}): `
    : `entry ${index} of organization ${organization} (${at}): `;
}

/** Two copies that both verify and differ: the holder of the key has signed two logs. */
function compareCopies(directories: readonly string[], archives: readonly VerifiedArchive[]): void {
  const [first, ...others] = archives;
  for (const [at, other] of others.entries()) {
    for (const [name, hash] of other.bodies) {
      const [generation = 0, segment = 0] = name.split('/').map(Number);
      if ((first?.bodies.get(name) ?? hash) === hash) continue;
      throw new ArchiveFault(
        `${directories[0]} and ${directories[at + 1]} have different segments: the log was forked`,
        {
          generation,
          segment,
        },
      );
    }
  }
}

function requireFresh({ state, generation }: VerifiedArchive, maxAgeMinutes: number | undefined): void {
  const ageMinutes = (Date.now() - Date.parse(state.at ?? '')) / 60_000;
  if (maxAgeMinutes === undefined || ageMinutes <= maxAgeMinutes) return;
  throw new ArchiveFault(
    `the newest checkpoint is ${Math.floor(ageMinutes)} minutes old: deleted from the tail, or nothing is sealed`,
    { generation, segment: state.number },
  );
}

function requireDirectory(path: string): void {
  try {
    readdirSync(path);
  } catch (error) {
    throw new UsageMistake(`--dir: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
}

function readMaxAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,6}$/.test(text)) throw new UsageMistake('--max-age is a number of minutes.');
  return Number(text);
}
