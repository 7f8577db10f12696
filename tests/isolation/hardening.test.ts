import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type postgres from 'postgres';
import { operatorIdentity } from '../../auth/identity.js';
import type { Purpose } from '../../db/signed-context.js';
import { withOrg } from '../../db/with-org.js';
import { newDefinitionId } from '../../domain/input/id.js';
import { startTestDeployment, type TestDeployment } from '../support/test-deployment.js';
import { codeOf, denied, pidOf, RawConnections, rolledBack, rowRoles } from './raw-connections.js';
import { type Seed, seed } from './seed.js';

/*
 * What the database keeps by itself against statements brought into the role of the gateway, under a context that may
 * do everything in its organization.
 */
let deployment: TestDeployment;
let raw: RawConnections;
let a: Seed;
let b: Seed;
let sql: postgres.Sql;
let pid: number;

beforeAll(async () => {
  deployment = await startTestDeployment();
  raw = new RawConnections(deployment);
  a = await seed(await deployment.createOrganization('A'), 'A');
  b = await seed(await deployment.createOrganization('B'), 'B');
  sql = raw.as('bulkhead_gateway');
  pid = await pidOf(sql);
});
afterAll(async () => {
  await raw.close();
  await deployment.stop();
});

/** Runs statements under a context of A and rolls them back. */
function entered<T>(work: (tx: postgres.TransactionSql) => Promise<T>, purpose: Purpose = 'write'): Promise<T> {
  return rolledBack(sql, async (tx) => {
    await tx`select app.enter(${raw.contextOf(a, pid, purpose)})`;
    return work(tx);
  });
}

/** `done`, or SQLSTATE and message of the refusal; the transaction goes on. */
function outcome(
  tx: postgres.TransactionSql,
  statement: (inner: postgres.TransactionSql) => PromiseLike<postgres.RowList<postgres.Row[]>>,
): Promise<string> {
  return tx
    .savepoint(async (inner) => {
      const { count } = await statement(inner);
      return count > 0 ? 'done' : 'no row';
    })
    .then(
      (done) => done as string,
      (error: { code: string; message: string }) => `${error.code} ${error.message}`,
    );
}

describe('settings that a session was left with', () => {
  it('do not lock a key of the next tenant out', async () => {
    const session = raw.as('bulkhead_gateway');
    await session`select set_config('app.lookup_org', ${b.ids.organization}, false), set_config('app.listing', 'all', false)`;
    const backend = await pidOf(session);
    const context = raw.forge(raw.contextOf(a, backend), {
      actorType: 'API_KEY',
      actorId: a.ids.apiKey,
      revision: '1',
    });
    for (const round of [1, 2]) {
      const inside = await session.begin(async (tx) => {
        await tx`select app.enter(${context})`;
        return tx`select current_setting('app.lookup_org') as org, current_setting('app.listing') as listing,
          (select count(*)::int from app.calling_key()) as keys, (select count(*)::int from app.organizations) as seen`;
      });
      expect({ round, ...inside[0] }).toEqual({ round, org: '', listing: '', keys: 1, seen: 1 });
    }
    const [left] = await session`select current_setting('app.lookup_org') as org`;
    expect(left).toEqual({ org: b.ids.organization });
  });

  it('do not bring a revoked key back', async () => {
    const revoked = { actorType: 'API_KEY', actorId: a.ids.revokedApiKey };
    const context = raw.forge(raw.contextOf(a, pid), revoked);
    expect(await codeOf(rolledBack(sql, (tx) => tx`select app.enter(${context})`))).toBe('BH002');
  });
});

describe('a revoked key', () => {
  const refusal = `${denied} a key is revoked for good`;

  it.each(['revoked_at = null', 'revoked_at = now()', `revoked_at = 'infinity'`, `revoked_by = 'somebody else'`])(
    'stays so: %s',
    async (change) => {
      const update = (tx: postgres.TransactionSql, id: string) =>
        outcome(tx, (inner) => inner.unsafe(`update app.api_keys set ${change} where id = '${id}' returning 1`));
      expect(await entered((tx) => update(tx, a.ids.revokedApiKey))).toBe(refusal);
      expect(await entered((tx) => update(tx, a.ids.apiKey))).toBe('done');
    },
  );

  it('can be renamed', async () => {
    const renamed = entered((tx) =>
      outcome(tx, (inner) => inner`update app.api_keys set name = 'other' where id = ${a.ids.revokedApiKey}`),
    );
    expect(await renamed).toBe('done');
  });

  it('is refused to the application as FORBIDDEN', async () => {
    const identity = operatorIdentity(a.ids.organization, 'test', 'test', null);
    const change = withOrg(
      deployment.operational,
      identity,
      'write',
      (tx) => tx.sql`update app.api_keys set revoked_at = null where id = ${a.ids.revokedApiKey}`,
    );
    await expect(change).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('the end of a secret', () => {
  it('only becomes earlier', async () => {
    const outcomes = await entered(async (tx) => {
      const set = (end: string) =>
        outcome(tx, (inner) =>
          inner.unsafe(`update app.api_key_secrets set valid_until = ${end} where key_id = '${a.ids.apiKey}'`),
        );
      const tried: Record<string, string> = {};
      for (const end of [
        `now() + interval '2 h'`,
        `now() + interval '3 h'`,
        'null',
        `'infinity'`,
        `now() + interval '1 h'`,
        `now() + interval '2 h' - interval '1 s'`,
        'valid_until',
        `now() - interval '1 s'`,
        'now()',
      ]) {
        tried[end] = await set(end);
      }
      return tried;
    });
    const refused = `${denied} a secret is not prolonged`;
    expect(Object.values(outcomes)).toEqual([
      'done',
      refused,
      refused,
      refused,
      'done',
      refused,
      'done',
      'done',
      refused,
    ]);
  });
});

describe('the metrics of a version', () => {
  const refusal = `${denied} the metrics of a version are fixed`;
  const add =
    (version: string, metric: string, position = 50) =>
    (inner: postgres.TransactionSql) =>
      inner`insert into app.thing_type_metrics (org_id, thing_type_id, version_id, metric_id, position)
      values (${a.ids.organization}, ${a.ids.thingType}, ${version}, ${metric}, ${position})`;
  const newVersion = (tx: postgres.TransactionSql, id: string) => tx`
    insert into app.thing_type_versions (org_id, id, thing_type_id, version, display_name, created_by, created_at)
    values (${a.ids.organization}, ${id}, ${a.ids.thingType}, 99, 'next', 'test', '2020-01-01') returning created_at = now() as dated`;

  it('come with it, in its transaction', async () => {
    const id = newDefinitionId('tdef');
    const outcomes = await entered(async (tx) => {
      const [version] = await newVersion(tx, id);
      return [version?.['dated'], await outcome(tx, add(id, a.ids.metric))];
    });
    expect(outcomes).toEqual([true, 'done']);
  });

  it('are not added to later, nor beside those of a new one', async () => {
    const id = newDefinitionId('tdef');
    const outcomes = await entered(async (tx) => {
      await newVersion(tx, id);
      const both = await outcome(
        tx,
        (inner) => inner`insert into app.thing_type_metrics (org_id, thing_type_id, version_id, metric_id, position)
          select ${a.ids.organization}, ${a.ids.thingType}, unnest(array[${id}, ${a.ids.thingTypeVersion}]), ${a.ids.deletedMetric}, 51`,
      );
      return [both, await outcome(tx, add(a.ids.thingTypeVersion, a.ids.deletedMetric))];
    });
    expect(outcomes).toEqual([refusal, refusal]);
  });

  it('are not added to where the version was just updated', async () => {
    const outcomes = await entered(async (tx) => {
      const update = (inner: postgres.TransactionSql) =>
        inner`update app.thing_type_versions set tags = tags where id = ${a.ids.thingTypeVersion}`;
      return [
        await update(tx).then(({ count }) => count),
        await outcome(tx, add(a.ids.thingTypeVersion, a.ids.deletedMetric)),
      ];
    });
    expect(outcomes).toEqual([1, refusal]);
    const single = await entered((tx) =>
      outcome(
        tx,
        (inner) => inner`
          with updated as (
            update app.thing_type_versions set tags = tags where id = ${a.ids.thingTypeVersion} returning *)
          insert into app.thing_type_metrics (org_id, thing_type_id, version_id, metric_id, position)
          select org_id, thing_type_id, id, ${a.ids.deletedMetric}, 50 from updated`,
      ),
    );
    expect(single).toBe(refusal);
  });
});

describe('functions that tell of rows beyond scopes', () => {
  const questions: readonly (readonly [string, () => string])[] = [
    ['place_dependants', () => `'${a.ids.site}'`],
    ['level_dependants', () => `'${a.ids.level}'`],
    ['integration_dependants', () => `'${a.ids.integration}'`],
    ['definition_dependants', () => `'${a.ids.thingType}'`],
    ['existing_metrics', () => `array['${a.ids.metric}']`],
    ['existing_integrations', () => `array['${a.ids.integration}']::uuid[]`],
    ['kind_of_integration', () => `'${a.ids.integration}'`],
    ['existing_thing_types', () => `array['${a.ids.thingType}']`],
    ['resolve_thing_type', () => `'${a.ids.thingType}', null, null`],
    ['is_level_of', () => `'${a.ids.level}', '${a.ids.site}'`],
  ];

  it.each(questions)('app.%s answers in a write, and nothing in a read', async (name, args) => {
    const ask = (purpose: Purpose) =>
      entered(async (tx) => {
        const rows = await tx.unsafe(`select to_jsonb(f)::text as answer from app.${name}(${args()}) f`);
        return rows.map((row) => String(row['answer'])).filter((answer) => answer !== 'false');
      }, purpose);
    expect(await ask('write')).toHaveLength(1);
    expect(await ask('read')).toEqual([]);
  });
});

describe('what PostgreSQL gives to everybody', () => {
  it.each(rowRoles)('is withheld from %s: large objects, and signals to other sessions', async (role, kind) => {
    const one = raw.as(role, kind);
    const other = raw.as(role, kind);
    const target = await pidOf(other);
    for (const statement of [
      'lo_creat(-1)',
      'lo_create(0)',
      `lo_from_bytea(0, 'x')`,
      'lo_open(1, 131072)',
      'lo_unlink(1)',
      `lo_put(1, 0, 'x')`,
      'lo_get(1)',
      `lo_import('/etc/hostname')`,
      `pg_terminate_backend(${target})`,
      `pg_cancel_backend(${target})`,
    ]) {
      expect({ statement, code: await codeOf(one.unsafe(`select ${statement}`)) }).toEqual({ statement, code: denied });
    }
    expect(await pidOf(other)).toBe(target);
  });
});
