import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import postgres from 'postgres';
import { deploymentOrgId, operatorIdentity, systemIdentity } from '../../auth/identity.js';
import { poolOf } from '../../db/pool.js';
import { withOrg } from '../../db/with-org.js';
import { testCluster } from '../support/test-cluster.js';
import { openTwoDatabases, type TwoDatabases } from '../support/two-databases.js';

let databases: TwoDatabases;
/** The operational database as `bulkhead_worker`, without a context. */
let worker: postgres.Sql;

beforeAll(async () => {
  databases = await openTwoDatabases();
  const { passwords, port } = testCluster();
  worker = postgres(
    `postgres://bulkhead_worker:${passwords.bulkhead_worker}@127.0.0.1:${port}/${poolOf(databases.operational).options.database}`,
    { max: 1, onnotice: () => {} },
  );
});
afterAll(async () => {
  await worker?.end();
  await databases?.stop();
});

function set(name: string, firing: boolean, evidence: postgres.JSONValue = {}, severity = 'page') {
  return worker`select platform.set_alert(${name}, ${firing}, ${severity}, 'A test', ${worker.json(evidence)})`;
}

async function row(name: string) {
  const [found] = await databases.admin.operational`
    select firing, severity, evidence, since::text, changed_at::text, resolved_at::text from platform.alerts where name = ${name}`;
  return found;
}

describe('platform.set_alert', () => {
  it('fires since the first time, and again after it was cleared', async () => {
    await set('DrillFailed', true, { file: 1 });
    const first = await row('DrillFailed');
    await set('DrillFailed', true, { file: 2 }, 'ticket');
    const second = await row('DrillFailed');
    expect(second).toMatchObject({ firing: true, severity: 'ticket', evidence: { file: 2 }, since: first?.['since'] });

    await set('DrillFailed', false);
    const cleared = await row('DrillFailed');
    expect(cleared).toMatchObject({ firing: false, since: first?.['since'] });
    expect(cleared?.['resolved_at']).toBe(cleared?.['changed_at']);
    await set('DrillFailed', false);
    expect(await row('DrillFailed')).toEqual(cleared);

    await set('DrillFailed', true);
    const again = await row('DrillFailed');
    expect(again).toMatchObject({ firing: true, resolved_at: null });
    expect(again?.['since']).toBe(again?.['changed_at']);
  });

  it('knows nothing of what never fired', async () => {
    await set('NeverFired', false);
    expect(await row('NeverFired')).toBeUndefined();
  });

  it.each([
    ['a name in other letters', () => set('drill failed', true)],
    ['another severity', () => set('DrillFailed', true, {}, 'warning')],
    ['too much evidence', () => set('DrillFailed', true, { text: 'x'.repeat(4000) })],
    ['evidence that is no object', () => set('DrillFailed', true, ['x'])],
  ])('refuses %s', async (_what, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code: '23514' });
  });

  it('keeps a thousand, of those that were cleared the last 30 days', async () => {
    const { operational } = databases.admin;
    await operational`
      insert into platform.alerts (name, severity, summary, evidence, firing, since, changed_at, resolved_at)
      select 'Old/' || n, 'page', 'A test', '{}', false, now(), now(), now() - interval '31 days' from generate_series(1, 1000) n`;
    await set('MakesRoom', true);
    expect(await operational`select from platform.alerts where name like 'Old/%'`).toHaveLength(0);

    await operational`
      insert into platform.alerts (name, severity, summary, evidence, firing, since, changed_at)
      select 'Many/' || n, 'page', 'A test', '{}', true, now(), now() from generate_series(1, 1000) n`;
    await expect(set('OneMore', true)).rejects.toMatchObject({ code: '54000' });
    await operational`delete from platform.alerts where name like 'Many/%'`;
  });
});

describe('platform.list_alerts', () => {
  it('is for operators and the system, and for nobody else', async () => {
    await set('DrillFailed', true);
    const list = (identity: Parameters<typeof withOrg>[1]) =>
      withOrg(
        databases.operational,
        identity,
        'read',
        (tx) => tx.sql<{ name: string }[]>`select name from platform.list_alerts()`,
      );
    const operator = operatorIdentity(deploymentOrgId, 'operator', randomUUID(), null);
    const names = (await list(operator)).map(({ name }) => name);
    expect(names[0]).toBe('DrillFailed');
    expect(await list(systemIdentity(deploymentOrgId, 'test', randomUUID()))).toHaveLength(names.length);
    await expect(worker`select platform.list_alerts()`).rejects.toMatchObject({ code: '42501' });
  });
});
