import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { auditSigner, parseVerifierKey, signStatement } from '../../../audit/audit-key.js';
import { readConfiguration } from '../../../server/configuration.js';
import { readKey } from '../../../server/keys.js';
import type { Breakage, Change } from './breakage.js';
import type { PostureWorld } from './posture-world.js';

/** Id of a base backup that only the test knows. */
const testBase = '20990101T000000Z';

/** Checks of backups: what they look at is noted as the backup process notes it, then broken. */
export const backupBreakages: readonly Breakage[] = [
  {
    check: 'base-backup-fresh',
    without: ['PASS', 'FAIL', 'NOT_PROVIDED'],
    says: /not in the repository any more/,
    provide: async (world) => {
      const { operational } = world.admin;
      await operational`update platform.backup_state set place = ${world.context.configuration.directories.backups}`;
      await operational`
        insert into platform.base_backups (id, started_at, ended_at, outcome)
        values (${testBase}, now() + interval '1 hour', now() + interval '1 hour', 'COMPLETE')`;
      describeBase(world);
      return { repair: () => operational`delete from platform.base_backups where id = ${testBase}` };
    },
    breakIt: (world) => {
      rmSync(folderOfBase(world), { recursive: true });
      return { repair: () => describeBase(world) };
    },
  },
  {
    check: 'restorable-window',
    without: ['PASS', 'FAIL', 'NOT_PROVIDED'],
    says: /minutes cannot be restored/,
    provide: async ({ admin: { operational } }) => {
      await operational`
        update platform.backup_state set place = coalesce(place, 'a directory'), restorable_until = now(),
          restorable_from = now() - interval '40 days'`;
      return { repair: () => operational`update platform.backup_state set restorable_from = null` };
    },
    breakIt: () => ({ context: { now: new Date(Date.now() + 7_200_000) }, repair: () => {} }),
  },
  {
    check: 'backups-rotate',
    without: ['PASS', 'NOT_PROVIDED'],
    says: /the last rotation has failed; daily is 0, and 6 is promised/,
    provide: (world) => rotated(world, -1, 'SUCCEEDED', 1),
    breakIt: async (world, { configuration }) => ({
      ...(await rotated(world, -2, 'FAILED', 2)),
      context: { configuration: { ...configuration, rotation: { ...configuration.rotation, daily: 0 } } },
    }),
  },
  {
    check: 'drills-pass',
    without: ['PASS', 'FAIL', 'NOT_PROVIDED'],
    says: /the last drill has failed/,
    provide: (world) => drilled(world, true, 1),
    breakIt: (world) => drilled(world, false, 2),
  },
  {
    check: 'restored-within-a-day',
    without: ['PASS', 'FAIL', 'NOT_PROVIDED'],
    says: /restored the whole in 28801 s/,
    provide: (world) => drilled(world, true, 1, 28_800),
    breakIt: (world) => drilled(world, true, 2, 28_801),
  },
];

function folderOfBase({ context: { configuration } }: PostureWorld): string {
  return join(configuration.directories.backups, 'test', 'test', 'base', testBase);
}

function describeBase(world: PostureWorld): void {
  mkdirSync(folderOfBase(world), { recursive: true });
  writeFileSync(join(folderOfBase(world), 'description'), 'BHB2');
}

/** A run of the rotation, some hours from now so that no other one is newer. */
async function rotated({ admin }: PostureWorld, id: number, outcome: string, hours: number): Promise<Change> {
  await admin.operational`
    insert into platform.job_runs (job_id, attempt, task, worker, started_at, ended_at, outcome)
    values (${id}, 1, 'rotateBackups', 'test', now() + make_interval(hours => ${hours}), now(), ${outcome})`;
  return { repair: () => admin.operational`delete from platform.job_runs where job_id = ${id}` };
}

/** A drill that ends some minutes from now, signed as the backup process signs it, so that no other one is newer. */
async function drilled(
  { admin, home, context }: PostureWorld,
  isPassed: boolean,
  minutes: number,
  seconds = 1,
): Promise<Change> {
  const { name = '' } = parseVerifierKey(context.configuration.auditKey) ?? {};
  const signer = auditSigner(
    readKey(readConfiguration({ BULKHEAD_HOME: home }), 'audit'),
    name.replace('bulkhead/', ''),
  );
  const statement = canonicalize({ isPassed, findings: { restored: [{ seconds: 1 }, { seconds }] } })!;
  const signature = signStatement(signer, 'drill', statement);
  const [row] = await admin.operational<{ id: string }[]>`
    insert into platform.backup_drills (id, started_at, ended_at, is_passed, statement, signature)
    values (gen_random_uuid(), now(), now() + make_interval(mins => ${minutes}), ${isPassed}, ${statement}, ${signature})
    returning id`;
  return { repair: () => admin.operational`delete from platform.backup_drills where id = ${row!.id}` };
}
