import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { auditSigner, isSignatureOfStatement } from '../../audit/audit-key.js';
import { systemIdentity } from '../../auth/identity.js';
import type { BackupContext } from '../../backups/backup-context.js';
import { rotateBackups } from '../../backups/tasks/rotate-backups.js';
import { closeDatabase, openDatabase } from '../../db/database.js';
import { clusterLocation } from '../../db/embedded/cluster-location.js';
import { createOrganization } from '../../domain/organization/create-organization.js';
import { drillTask } from '../../recovery/drill/drill-task.js';
import { backupRules, repositoryConfiguration } from '../../server/backup-settings.js';
import { ProcessMetrics } from '../../signals/process-metrics.js';
import { HeldKeys } from '../../vault/held-keys.js';
import { type BackedUpDeployment, startBackedUpDeployment } from '../support/backed-up-deployment.js';

let deployment: BackedUpDeployment;
let context: BackupContext;

beforeAll(async () => {
  deployment = await startBackedUpDeployment();
  const { addresses, configuration, keys, repository } = deployment;
  const log = pino({ level: 'silent' });
  context = {
    configuration: {
      operationalUrl: addresses.backup,
      contextKey: keys.context,
      repository: repositoryConfiguration(configuration, keys.backup, deployment.deployment),
      spoolDirectory: undefined,
      ...backupRules(configuration),
      logLevel: 'silent',
    },
    operational: openDatabase({
      url: addresses.backup,
      contextKey: keys.context,
      maxConnections: 1,
      applicationName: 'test drill',
    }),
    repository,
    log,
    metrics: new ProcessMetrics('backup'),
  };
  const gateway = openDatabase({ url: addresses.gateway, contextKey: keys.context, applicationName: 'test' });
  await createOrganization(gateway, keys.telemetry, (id) => systemIdentity(id, 'test', 'test'), 'Acme');
  await closeDatabase(gateway);
  await deployment.takeBase();
  await deployment.archive();
});
afterAll(async () => {
  if (context !== undefined) await closeDatabase(context.operational);
  await deployment?.remove();
});

async function drill(): Promise<void> {
  const { configuration, home, keys } = deployment;
  const { dataDirectory, cacheDirectory } = clusterLocation(home);
  const task = drillTask({
    rootKeys: new HeldKeys(keys.root),
    telemetryKey: keys.telemetry,
    auditKey: keys.audit,
    checkpointDirectory: configuration.CHECKPOINT_DIRECTORY,
    beside: dataDirectory,
    binDirectory: configuration.PG_BIN,
    cacheDirectory,
  });
  await task.run({}, { ...context, signal: new AbortController().signal, now: new Date() });
}

const newest = async () => {
  const [row] = await deployment.admin<{ isPassed: boolean; statement: string; signature: Buffer }[]>`
    select is_passed as "isPassed", statement, signature from platform.backup_drills order by ended_at desc limit 1`;
  return row!;
};
const isAlerting = async () => {
  const rows = await deployment.admin`select from platform.alerts where name = 'DrillFailed' and firing`;
  return rows.length === 1;
};

/** The file of the repository whose path ends so. */
function fileThat(pattern: RegExp): string {
  const root = deployment.configuration.BACKUP_DIRECTORY;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name));
  return files.filter((file) => statSync(file).isFile() && pattern.test(file)).sort()[0]!;
}

async function expectFailure(reason: RegExp): Promise<void> {
  await expect(drill()).rejects.toThrow(reason);
  const { isPassed, statement } = await newest();
  expect([isPassed, JSON.parse(statement).reason]).toEqual([false, expect.stringMatching(reason)]);
  expect(await isAlerting()).toBe(true);
}

describe('a drill', () => {
  it('restores what is backed up, looks at all of it, and signs what it found', async () => {
    await drill();
    const { isPassed, statement, signature } = await newest();
    const signer = auditSigner(deployment.keys.audit, deployment.deployment);
    expect(isSignatureOfStatement(signer, 'drill', statement, signature)).toBe(true);
    const { findings } = JSON.parse(statement);
    expect(isPassed).toBe(true);
    expect(findings).toMatchObject({ repository: { bases: 1 }, secretsOpened: 0, credentialsOpened: 1 });
    expect(findings.restored[0]).toMatchObject({ to: null, databases: 3 });
    expect(findings.restored[0].tables).toBeGreaterThan(60);
    expect(findings.restored[0].indexes).toBeGreaterThan(300);
    expect(await isAlerting()).toBe(false);
  });

  it.each([
    ['a part of a base backup', /base\.tar\/000002$/, /base\.tar\/000002 does not open/],
    ['the manifest of a base backup', /\/manifest$/, /\/manifest does not open/],
    ['the description of a base backup', /\/description$/, /\/description does not open/],
    ['a WAL file', /\/[0-9A-F]{24}$/, /\/wal\/00000001\/[0-9A-F]{24} does not open/],
    ['the label of a base backup', /\.backup$/, /\.backup does not open/],
  ])('fails and alerts when one byte is flipped in %s', async (_kind, pattern, reason) => {
    const file = fileThat(pattern);
    const content = readFileSync(file);
    const changed = Buffer.from(content);
    changed[changed.length >> 1]! ^= 1;
    chmodSync(file, 0o600);
    writeFileSync(file, changed);
    try {
      await expectFailure(reason);
    } finally {
      writeFileSync(file, content);
    }
  });

  it('fails when a WAL file is missing, and passes once it is back', async () => {
    const [, first = ''] = /([0-9A-F]{24})\.[0-9A-F]{8}\.backup$/.exec(fileThat(/\.backup$/)) ?? [];
    const file = fileThat(new RegExp(`/${first}$`));
    renameSync(file, `${file}.new`);
    await expectFailure(/complete base backup|WAL of base backup \S+ is missing/);
    renameSync(`${file}.new`, file);
    await drill();
    expect((await newest()).isPassed).toBe(true);
    expect(await isAlerting()).toBe(false);
  });

  it('fails when what the database knows to be stored is not there', async () => {
    const { admin } = deployment;
    await admin`insert into platform.base_backups (id, started_at, ended_at, outcome)
                values ('20260102T040000Z', now(), now(), 'COMPLETE')`;
    await expectFailure(/base backup 20260102T040000Z was completed, and is not in/);
    // The rotation has nothing of it either, and says so.
    await rotateBackups.run({}, { ...context, signal: new AbortController().signal, now: new Date() });
    expect(await admin`select id, outcome from platform.base_backups`).toEqual([
      { id: '20260102T040000Z', outcome: 'EXPIRED' },
    ]);
    await admin`update platform.backup_state set last_wal = '00000001000000AA000000AA'`;
    await expectFailure(/WAL file 00000001000000AA000000AA was stored in \S+, and is there no more/);
    await admin`update platform.backup_state set last_wal = null`;
  });

  it('fails when a credential of a telemetry database does not open', async () => {
    const { admin, archive } = deployment;
    const flip = () =>
      admin`update platform.telemetry_databases set sealed_password = set_bit(sealed_password, 100, 1 - get_bit(sealed_password, 100))`;
    await flip();
    await archive();
    await expectFailure(/a credential of a telemetry database that was restored does not open/);
    await flip();
  });
});
