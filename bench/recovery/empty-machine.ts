import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { readLedger } from '../../audit/ledger/ledger.js';
import { packageRoot } from '../../db/package-root.js';
import { runBulkhead, until } from '../../tests/support/bulkhead-process.js';
import { graphqlClient } from '../../tests/support/graphql-client.js';
import type { Progress } from '../seed/progress.js';
import { untilInterrupted } from '../until-interrupted.js';
import { type FilledBulkhead, withFilledBulkhead } from './filled-bulkhead.js';

/** What a run of `empty-machine` is to do. */
export interface EmptyMachinePlan {
  /** Rows of some 85 bytes that the cluster has. */
  readonly millionRows: number;
}

/** What `empty-machine --json` prints. */
export interface EmptyMachineResult {
  readonly benchmark: 'bulkhead empty machine';
  readonly startedAt: string;
  readonly processors: number;
  /** Of the minute before the restore, by processes that wanted to run. */
  readonly load: number;
  readonly cluster: { readonly bytes: number };
  readonly machine: MachineReport;
}

/** What was done on the empty machine, and seen there. */
interface MachineReport {
  readonly user: number;
  /** All that is in its root. */
  readonly files: readonly string[];
  /** Clone and `npm install`, with npm's cache empty. */
  readonly installSeconds: number;
  /** The command `restore`, replay of the ledger included. */
  readonly restoreSeconds: number;
  /** From `npm start` to the answer to the first query. */
  readonly startSeconds: number;
  readonly bytes: number;
  readonly walFiles: number;
  readonly rowsMissing: number;
  readonly thingsMissing: number;
  readonly readingsThere: boolean;
  readonly keysRevokedByLedger: number;
  /** Code that a key gets which was revoked after the moment that was restored. */
  readonly revokedKeyAnswer: string;
}

/**
 * Restores a deployment on a machine that has nothing of it but repository, key ring and ledger. Needs root, for a root, a
 * network and processes of its own.
 * @throws Error where anything is missing there
 */
export async function emptyMachine(plan: EmptyMachinePlan, progress: Progress): Promise<EmptyMachineResult> {
  if (process.getuid?.() !== 0) throw new Error('a root of its own needs root: run this as root');
  const startedAt = new Date().toISOString();
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-empty-'));
  try {
    const mounts = join(folder, 'given');
    const bytes = await withFilledBulkhead(plan.millionRows, progress, async (bulkhead) => {
      await untilInterrupted(takeAway(bulkhead, mounts, progress));
      return bulkhead.bytes;
    });
    progress.say('the deployment is gone; installing, restoring and starting where nothing is');
    const load = Number((loadavg()[0] ?? 0).toFixed(1));
    const machine = await untilInterrupted(onEmptyMachine(join(folder, 'root'), mounts));
    const { rowsMissing, thingsMissing, readingsThere, keysRevokedByLedger, revokedKeyAnswer } = machine;
    const whole = [rowsMissing, thingsMissing, readingsThere, keysRevokedByLedger, revokedKeyAnswer];
    if (JSON.stringify(whole) !== JSON.stringify([0, 0, true, 1, 'UNAUTHENTICATED'])) {
      throw new Error(`it is not restored as it was: ${JSON.stringify(machine)}`);
    }
    return {
      benchmark: 'bulkhead empty machine',
      startedAt,
      processors: cpus().length,
      load,
      cluster: { bytes },
      machine,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Backs up, revokes a key after the moment that is to be restored, and copies what an operator keeps elsewhere. */
async function takeAway(bulkhead: FilledBulkhead, mounts: string, progress: Progress): Promise<void> {
  const { home, admin, access, spool } = bulkhead;
  const settings = { BULKHEAD_HOME: home };
  const run = async (...args: string[]) => {
    const { status, stdout, stderr } = await runBulkhead(args, settings);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };
  const key = await run('key', 'create', '--org', access.orgId, '--scope', 'read THING/#/#', '--json');
  progress.say('taking a base backup');
  await run('backup', 'now', '--json');
  const [row] = await admin<{ rows: number; now: Date }[]>`
    select count(*)::int as rows, clock_timestamp() as now from public.readings`;
  const { things } = await graphqlClient(access.url, access.apiKey).ok('{ things(first: 1) { totalCount } }');
  // Moments are to the second.
  await delay(2_000);
  const to = new Date().toISOString();
  await delay(2_000);
  await admin`update app.api_keys set revoked_at = now(), revoked_by = 'bench' where id = ${key.keyId}`;
  const ledger = join(home, 'ledger');
  await until('the line of the ledger', () =>
    readLedger(ledger).some(({ subject }) => subject === key.keyId) ? true : undefined,
  );
  await admin`select pg_switch_wal()`;
  await delay(1_000);
  await until('the WAL', () => (readdirSync(spool).some((name) => /^[0-9A-F]{24}$/.test(name)) ? undefined : true));
  mkdirSync(join(mounts, 'keys'), { recursive: true });
  for (const name of ['backups', 'ledger']) cpSync(join(home, name), join(mounts, name), { recursive: true });
  cpSync(join(home, 'keys'), join(mounts, 'keys', 'keys'), { recursive: true });
  cpSync(join(home, 'deployment.json'), join(mounts, 'keys', 'deployment.json'));
  const { apiKey } = access;
  const expected = { to, formerHome: home, rows: row?.rows, things: things.totalCount, apiKey, revokedKey: key.apiKey };
  writeFileSync(join(mounts, 'expected.json'), JSON.stringify(expected));
}

async function onEmptyMachine(root: string, mounts: string): Promise<MachineReport> {
  const script = join(packageRoot, 'bench', 'recovery', 'empty-machine.sh');
  const child = spawn(script, [root, packageRoot, mounts], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve)),
  ]);
  if (code !== 0) throw new Error(`the empty machine ended with ${code}`);
  return JSON.parse(printed);
}

/** The result as lines for a person. */
export function emptyMachineReport({ cluster, load, machine }: EmptyMachineResult): string {
  const { installSeconds, restoreSeconds, startSeconds, walFiles } = machine;
  return `Cluster      ${Math.round(cluster.bytes / 1e6)} MB, load ${load}
Install      ${installSeconds} s
Restore      ${restoreSeconds} s with ${walFiles} WAL files, ledger replayed
Start        ${startSeconds} s to the first answer
Nothing is missing; a key that was revoked later is refused.
`;
}
