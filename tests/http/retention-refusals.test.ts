import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanTelemetry } from '../../jobs/clean-telemetry.js';
import { retention } from '../../jobs/tasks/retention.js';
import { telemetryOf, withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import { until } from '../support/bulkhead-process.js';
import { withTaskContext } from '../support/task-context.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const action = 'removeExpiredTelemetry';

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment.stop());

/** Runs retention for one organization. */
const run = ({ orgId }: TestOrganization, isConfirmed = false) =>
  withTaskContext(deployment, (context) => cleanTelemetry(context, orgId, { isConfirmed }));

/** Statements on the telemetry database of an organization as the superuser. */
async function inTelemetry<T>({ orgId }: TestOrganization, work: Parameters<typeof withAdmin<T>>[1]): Promise<T> {
  const { database } = await telemetryOf(deployment, orgId);
  return withAdmin(deployment.adminUrl('operational').replace(/\/[^/]*$/, `/${database}`), work);
}

/** Stores readings of these ages behind the API, which would refuse those that have expired. */
async function store(organization: TestOrganization, agesMs: readonly number[]): Promise<void> {
  const { client } = organization;
  // Waits until the database is there.
  await client.ok('{ retentionPreview(days: 1) { readings } }');
  await inTelemetry(organization, async (sql) => {
    const instants = agesMs.map((age) => new Date(Date.now() - age).toISOString());
    await sql`select telemetry.ensure_weeks(${instants}::timestamptz[])`;
    await sql`insert into telemetry.readings (thing_id, at, metric_id, int_value)
              select gen_random_uuid(), at, 'mdef_x', 1 from unnest(${instants}::timestamptz[]) as i (at)`;
  });
}

/** Ages of the stored readings in whole hours, youngest first. */
async function storedHours(organization: TestOrganization): Promise<number[]> {
  const rows = await inTelemetry(
    organization,
    (sql) => sql<{ hours: number }[]>`
      select round(extract(epoch from now() - at) / 3600)::int as hours from telemetry.readings order by 1`,
  );
  return rows.map(({ hours }) => hours);
}

/** An organization that keeps readings for so many days, and has readings of these ages in hours. */
async function keeping(days: number, hours: readonly number[]): Promise<TestOrganization> {
  const organization = await deployment.createOrganization(`Keeps ${days}`);
  await setRetention(organization, days);
  await store(
    organization,
    hours.map((age) => age * hourMs),
  );
  return organization;
}

const setRetention = ({ client }: TestOrganization, days: number, confirm = true) =>
  change(client, 'setRetention', { days, confirm }, 'organization { retentionDays }');

/** Changes what is in the operational database as the superuser: by accident, past the API. */
const behindTheApi = <T>(work: Parameters<typeof withAdmin<T>>[1]) =>
  withAdmin(deployment.adminUrl('operational'), work);

const setBehindTheApi = ({ orgId }: TestOrganization, days: number) =>
  behindTheApi((sql) => sql`update app.organizations set retention_days = ${days} where org_id = ${orgId}`);

const setLastRun = ({ orgId }: TestOrganization, agoMs: number) =>
  behindTheApi(
    (sql) => sql`update app.retention_states set seen_at = now() - ${agoMs / 1000} * interval '1 second',
                   cutoff = now() - ${agoMs / 1000} * interval '1 second' - make_interval(days => days)
                 where org_id = ${orgId}`,
  );

const entriesOf = async ({ client }: TestOrganization) =>
  (
    await client.ok(`{ auditEvents(first: 10, filter: { action: "${action}" }) { nodes { outcome change } } }`)
  ).auditEvents.nodes.reverse();

const refusalOf = async ({ client }: TestOrganization) =>
  (await client.ok('{ retention { refusal refusedAt } }')).retention;

/** Ten readings, of each of the last ten days. */
const tenDays = Array.from({ length: 10 }, (_, day) => day * 24 + 1);

describe('a removal of more than half of the readings', () => {
  it('that nobody confirmed is refused, audited once, shown, and removes nothing', async () => {
    const organization = await keeping(30, tenDays);
    await run(organization);
    await setBehindTheApi(organization, 4);
    for (let time = 0; time < 3; time += 1) await run(organization);
    expect(await storedHours(organization)).toEqual(tenDays);
    const refused = {
      ...{ retentionDays: 4, before: expect.any(String), readings: 6, refusal: 'TOO_MANY' },
      reason:
        '6 of 10 readings would go, more than 50 %, and neither a confirmation nor the time since the last run explains it',
    };
    expect(await entriesOf(organization)).toEqual([{ outcome: 'REFUSED', change: refused }]);
    expect(await refusalOf(organization)).toEqual({ refusal: 'TOO_MANY', refusedAt: expect.any(String) });

    // The same is done once it is confirmed, and is no refusal any more.
    await setRetention(organization, 4);
    await run(organization);
    expect(await storedHours(organization)).toEqual(tenDays.slice(0, 4));
    const [, intended, succeeded] = await entriesOf(organization);
    expect(intended).toEqual({ outcome: 'INTENDED', change: expect.objectContaining({ readings: 6 }) });
    const { readingsDropped, readingsDeleted } = succeeded.change;
    expect([succeeded.outcome, readingsDropped + readingsDeleted]).toEqual(['SUCCEEDED', 6]);
    expect(await refusalOf(organization)).toEqual({ refusal: null, refusedAt: null });
  });

  it('is refused where nothing was ever confirmed', async () => {
    const organization = await deployment.createOrganization('Never asked');
    await store(organization, [hourMs, 366 * dayMs, 367 * dayMs]);
    await run(organization);
    expect(await storedHours(organization)).toHaveLength(3);
    expect((await refusalOf(organization)).refusal).toBe('TOO_MANY');
  });

  it('is what half is not', async () => {
    const organization = await keeping(30, tenDays);
    await setBehindTheApi(organization, 5);
    await run(organization);
    expect(await storedHours(organization)).toEqual(tenDays.slice(0, 5));
  });

  it('is done where the operator confirms it, and then holds for no later one', async () => {
    const organization = await keeping(30, tenDays);
    await setBehindTheApi(organization, 4);
    expect(await run(organization, true)).toMatchObject({ isRefused: false, plan: { refusal: { code: 'TOO_MANY' } } });
    expect(await storedHours(organization)).toEqual(tenDays.slice(0, 4));
    const [intended] = await entriesOf(organization);
    expect(intended.change.confirmedDespite).toMatchObject({ code: 'TOO_MANY' });
    await setBehindTheApi(organization, 1);
    expect(await run(organization)).toMatchObject({ isRefused: true });
    expect(await storedHours(organization)).toEqual(tenDays.slice(0, 4));
  });

  it('goes on where time alone explains it: an organization that has stopped to report loses its last readings', async () => {
    const organization = await keeping(5, [118, 119]);
    await run(organization);
    // As if three hours had passed since: the readings are older, and the run is longer ago.
    await inTelemetry(organization, (sql) => sql`update telemetry.readings set at = at - interval '3 hours'`);
    await setLastRun(organization, 3 * hourMs);
    await run(organization);
    expect(await storedHours(organization)).toEqual([]);
  });

  it('is done too where all of it has expired between the confirmation and the run', async () => {
    const organization = await keeping(30, [119.5]);
    await setRetention(organization, 5);
    await inTelemetry(organization, (sql) => sql`update telemetry.readings set at = at - interval '3 hours'`);
    await behindTheApi(
      (sql) => sql`update app.retention_states set confirmed_before = confirmed_before - interval '3 hours'
                   where org_id = ${organization.orgId}`,
    );
    await run(organization);
    expect(await storedHours(organization)).toEqual([]);
  });

  it('of one organization holds up no other', async () => {
    const [held, free] = [await keeping(30, tenDays), await keeping(30, tenDays)];
    await setBehindTheApi(held, 4);
    await setBehindTheApi(free, 6);
    await withTaskContext(deployment, (context) => retention.run({}, context));
    expect(await storedHours(held)).toEqual(tenDays);
    expect(await storedHours(free)).toEqual(tenDays.slice(0, 6));
  });
});

describe('a clock that has jumped', () => {
  it('ahead by more than 7 days stops retention until it is confirmed', async () => {
    const organization = await keeping(5, [1, 24, 48, 121]);
    await run(organization);
    await store(organization, [125 * hourMs]);
    await setLastRun(organization, 8 * dayMs);
    for (let time = 0; time < 2; time += 1) await run(organization);
    expect(await storedHours(organization)).toEqual([1, 24, 48, 125]);
    expect((await refusalOf(organization)).refusal).toBe('CLOCK_AHEAD');
    expect((await entriesOf(organization)).at(-1)).toMatchObject({
      outcome: 'REFUSED',
      change: { refusal: 'CLOCK_AHEAD', reason: expect.stringMatching(/^the clock is 8 days ahead of the last run/) },
    });
    // What a customer confirms says nothing of the clock of the server.
    await setRetention(organization, 5);
    await run(organization);
    expect(await storedHours(organization)).toEqual([1, 24, 48, 125]);
    await run(organization, true);
    expect(await storedHours(organization)).toEqual([1, 24, 48]);
    await run(organization);
    expect((await refusalOf(organization)).refusal).toBeNull();
  });

  it('ahead by less is only a worker that was off', async () => {
    const organization = await keeping(5, [1, 24, 48]);
    await run(organization);
    await store(organization, [121 * hourMs]);
    await setLastRun(organization, 6 * dayMs);
    await run(organization);
    expect(await storedHours(organization)).toEqual([1, 24, 48]);
  });

  it('backward stops retention, which goes on by itself once the clock has passed the last run', async () => {
    const organization = await keeping(5, [1, 24, 48]);
    await run(organization);
    await store(organization, [121 * hourMs]);
    await setLastRun(organization, -hourMs);
    await run(organization);
    expect(await storedHours(organization)).toEqual([1, 24, 48, 121]);
    expect((await refusalOf(organization)).refusal).toBe('CLOCK_BEHIND');
    await setLastRun(organization, -60_000);
    await run(organization);
    expect(await storedHours(organization)).toEqual([1, 24, 48]);
  });
});

describe('lowering the retention', () => {
  it('needs a confirmation, and raising it none', async () => {
    const organization = await deployment.createOrganization('Lowers');
    const { client } = organization;
    const codes = (input: object) =>
      client.codes('mutation ($input: SetRetentionInput!) { setRetention(input: $input) { __typename } }', { input });
    expect(await codes({ days: 364 })).toEqual(['CONFIRMATION_REQUIRED']);
    expect(await codes({ days: 364, confirm: false })).toEqual(['CONFIRMATION_REQUIRED']);
    expect((await client.ok('{ organization { retentionDays } }')).organization.retentionDays).toBe(365);
    for (const days of [365, 400]) await setRetention(organization, days, false);
    await setRetention(organization, 10);
    const { auditEvents } = await client.ok(
      '{ auditEvents(first: 1, filter: { action: "setRetention" }) { nodes { outcome change } } }',
    );
    expect(auditEvents.nodes[0]).toMatchObject({
      outcome: 'SUCCEEDED',
      change: { input: { days: 10, confirm: true }, before: { retentionDays: 400 } },
    });
  });

  it('can be previewed, to the reading', async () => {
    const organization = await keeping(30, tenDays);
    const preview = async (days: number) =>
      (
        await organization.client.ok(
          `{ retentionPreview(days: ${days}) { days readings allReadings isEstimated needsConfirmation weeks } }`,
        )
      ).retentionPreview;
    const exact = { allReadings: 10, isEstimated: false };
    expect(await preview(4)).toMatchObject({ ...exact, days: 4, readings: 6, needsConfirmation: true });
    expect(await preview(30)).toMatchObject({ ...exact, readings: 0, weeks: 0, needsConfirmation: false });
    for (const days of [0, -1, 3651]) {
      const document = `{ retentionPreview(days: ${days}) { days } }`;
      expect(await organization.client.codes(document, {})).toEqual(['BAD_USER_INPUT']);
    }
    expect(await storedHours(organization)).toEqual(tenDays);
  });
});

describe('a removal that is interrupted', () => {
  it('is finished by the next run, which nobody confirms again', async () => {
    const organization = await keeping(30, tenDays);
    await setBehindTheApi(organization, 4);
    await inTelemetry(organization, async (sql) => {
      // Weeks and readings are gone by the time when rollups are removed, which has to wait here.
      const held = await sql.reserve();
      await held`begin`;
      await held`lock table telemetry.rollup_minutes in exclusive mode`;
      const running = expect(run(organization, true)).rejects.toThrow();
      await until('the removal to wait', () =>
        inTelemetry(organization, async (other) => {
          const ended = await other`
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and usename = 'bulkhead_provisioner' and wait_event_type = 'Lock'`;
          return ended.length > 0 ? true : undefined;
        }),
      );
      await running;
      await held`rollback`;
      held.release();
    });
    expect(await storedHours(organization)).toEqual(tenDays.slice(0, 4));
    const outcomes = async () => (await entriesOf(organization)).map(({ outcome }: { outcome: string }) => outcome);
    expect(await outcomes()).toEqual(['INTENDED', 'FAILED']);
    expect(await run(organization)).toMatchObject({ isRefused: false, plan: { isInterrupted: true, readings: 0 } });
    expect(await run(organization)).toMatchObject({ isRefused: false, plan: { isInterrupted: false } });
    expect(await outcomes()).toEqual(['INTENDED', 'FAILED', 'INTENDED', 'SUCCEEDED']);
  });
});

describe('whatever is stored, and whatever is confirmed', () => {
  it('stays and goes as a model says', async () => {
    const organization = await keeping(3650, []);
    const ages = fc.uniqueArray(fc.integer({ min: 0, max: 60 * 24 }), { minLength: 1, maxLength: 30 });
    // Half hours, so that no age is near a boundary while the test runs.
    const hoursOf = (age: number) => age + 0.5;
    await fc.assert(
      fc.asyncProperty(ages, fc.integer({ min: 1, max: 60 }), fc.boolean(), async (stored, days, isConfirmed) => {
        await inTelemetry(organization, (sql) => sql`truncate telemetry.readings, telemetry.latest`);
        await setRetention(organization, 3650);
        await run(organization);
        await store(
          organization,
          stored.map((age) => hoursOf(age) * hourMs),
        );
        if (isConfirmed) await setRetention(organization, days);
        else await setBehindTheApi(organization, days);
        await run(organization);
        const kept = stored.filter((age) => hoursOf(age) < days * 24);
        const isRefused = !isConfirmed && kept.length < stored.length / 2;
        const hours = await inTelemetry(
          organization,
          (sql) => sql<{ hours: number }[]>`
            select floor(extract(epoch from now() - at) / 3600)::int as hours from telemetry.readings order by 1`,
        );
        expect(hours.map((row) => row.hours)).toEqual((isRefused ? stored : kept).toSorted((a, b) => a - b));
        expect((await refusalOf(organization)).refusal).toBe(isRefused ? 'TOO_MANY' : null);
      }),
      { numRuns: 25, interruptAfterTimeLimit: 10_000 },
    );
  });
});
