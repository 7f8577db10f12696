import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemIdentity } from '../../auth/identity.js';
import { arrayLiteral } from '../../db/array-literal.js';
import { withOrg } from '../../db/with-org.js';
import { expiredDefinitions } from '../../jobs/purge-definitions.js';
import { purgeDefinitions } from '../../jobs/tasks/purge-definitions.js';
import { withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import { withTaskContext } from '../support/task-context.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;

beforeAll(async () => {
  deployment = await startTestDeployment();
});
afterAll(() => deployment.stop());

const run = () => withTaskContext(deployment, (context) => purgeDefinitions.run({}, context));
const expired = ({ orgId }: TestOrganization) =>
  withTaskContext(deployment, (context) => expiredDefinitions(context, orgId));

/** An organization, ready to take readings, with what makes definitions in it. */
async function newOrganization(name: string) {
  const organization = await deployment.createOrganization(name);
  const { client } = organization;
  await client.ok('{ retentionPreview(days: 1) { readings } }');
  const metric = async (metricName: string): Promise<string> =>
    (await change(client, 'createMetric', { name: metricName, dataType: 'INT', defaultAggregation: 'LAST' })).id;
  const thingType = async (displayName: string, input: object = {}): Promise<string> =>
    (await change(client, 'createThingType', { displayName, metricIds: [], ...input })).id;
  return { ...organization, metric, thingType };
}

const deleteMetric = ({ client }: TestOrganization, id: string) => change(client, 'deleteMetric', { id });
const deleteThingType = ({ client }: TestOrganization, id: string) => change(client, 'deleteThingType', { id });

/** As if the definition had been deleted so many days ago. */
const age = ({ orgId }: TestOrganization, ids: readonly string[], days: number) =>
  withAdmin(deployment.adminUrl('operational'), async (sql) => {
    for (const table of ['metric_definitions', 'thing_types']) {
      await sql`update ${sql(`app.${table}`)} set deleted_at = now() - ${days} * interval '1 day'
                where org_id = ${orgId} and id = any (${[...ids]}) and deleted_at is not null`;
    }
  });

/** Which of the ids are there, whatever their state. */
const present = ({ orgId }: TestOrganization, ids: readonly string[]) =>
  withAdmin(deployment.adminUrl('operational'), async (sql) => {
    const rows = await sql<{ id: string }[]>`
      select id from app.metric_definitions where org_id = ${orgId}
      union all select id from app.thing_types where org_id = ${orgId}
      union all select id from app.thing_type_versions where org_id = ${orgId}`;
    const found = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => found.has(id));
  });

const purgesOf = async ({ client }: TestOrganization) =>
  (
    await client.ok(`{ auditEvents(first: 10, filter: { action: "purgeDefinitions" }) {
      nodes { actorType actorId outcome change } } }`)
  ).auditEvents.nodes;

describe('the purge', () => {
  it('removes definitions for good once their time is over, not an hour before, and names them in the audit log', async () => {
    const [own, other] = [await newOrganization('Own'), await newOrganization('Other')];
    const [early, late, type] = [await own.metric('early'), await own.metric('late'), await own.thingType('Type')];
    await change(own.client, 'createThingTypeVersion', { typeId: type, metricIds: [late] });
    const versions = (
      await own.client.ok(`{ thingType(id: "${type}") { versions(first: 5) { nodes { id } } } }`)
    ).thingType.versions.nodes.map(({ id }: { id: string }) => id);
    expect(versions).toHaveLength(2);
    const foreign = await other.metric('foreign');
    await deleteMetric(own, early);
    await deleteThingType(own, type);
    await deleteMetric(own, late);
    await deleteMetric(other, foreign);
    await age(own, [early], 90 - 1 / 24);
    await age(own, [late, type], 90 + 1 / 24);
    await age(other, [foreign], 90 - 1 / 24);
    await run();
    expect(await present(own, [early, late, type, ...versions])).toEqual([early]);
    expect(await present(other, [foreign])).toEqual([foreign]);
    const [entry, ...more] = await purgesOf(own);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ actorType: 'SYSTEM', actorId: 'purge', outcome: 'SUCCEEDED' });
    expect(entry.change.purged.toSorted()).toEqual([late, type, ...versions].toSorted());
    expect(entry.change).toMatchObject({ held: [], heldCount: 0 });
    expect(await purgesOf(other)).toEqual([]);

    const restore = (mutation: string, id: string) =>
      own.client.codes(
        `mutation ($input: ${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { __typename } }`,
        { input: { id } },
      );
    expect(await restore('restoreMetric', late)).toEqual(['NOT_FOUND']);
    expect(await restore('restoreThingType', type)).toEqual(['NOT_FOUND']);
    const restored = await change(own.client, 'restoreMetric', { id: early }, 'metric { id }');
    expect(restored.metric.id).toBe(early);
  });

  it('leaves what something refers to, and says what', async () => {
    const own = await newOrganization('Held');
    const { client } = own;
    const [old, shown, measured, free] = [
      await own.metric('old'),
      await own.metric('shown'),
      await own.metric('measured'),
      await own.metric('free'),
    ];
    const site = { name: 'Site', address: 'Street', latitude: 1, longitude: 2 };
    const placeId = (await change(client, 'createSite', { ...site, preferredDisplayMetricIds: [shown] })).id;
    // An active type that held a metric in an earlier version, and one that lets a deleted type be below it.
    const active = await own.thingType('Active', { metricIds: [old, measured] });
    const thingId = (await change(client, 'createThing', { placeId, typeId: active, name: 'Reports' })).id;
    const frames = [{ timestamp: Date.now(), metrics: { measured: 1 } }];
    await change(client, 'ingestFrames', { things: [{ thingId, frames }] }, 'framesIngested');
    await change(client, 'createThingTypeVersion', { typeId: active, metricIds: [] });
    const below = await own.thingType('Below');
    await own.thingType('Above', { allowedSubDefinitionIds: [below] });
    const bound = await own.thingType('Bound');
    await change(client, 'createThing', { placeId, typeId: bound, name: 'Bound' });
    // Of a chain of deleted types the one that has a thing holds what is below it; without one they go together.
    const inner = await own.thingType('Inner');
    const outer = await own.thingType('Outer', { allowedSubDefinitionIds: [inner] });
    const outerThing = (await change(client, 'createThing', { placeId, typeId: outer, name: 'Outer' })).id;

    for (const id of [shown, free]) await deleteMetric(own, id);
    for (const id of [old, measured]) await deleteMetric(own, id);
    for (const id of [below, bound, outer, inner]) await deleteThingType(own, id);
    const all = [old, shown, measured, free, below, bound, inner, outer];
    await age(own, all, 91);
    await run();
    const held = (id: string, heldBy: string) => ({ id, heldBy });
    const staying = [
      ...[held(old, 'thing types'), held(measured, 'thing types'), held(shown, 'places')],
      ...[held(below, 'thing types'), held(bound, 'things'), held(inner, 'thing types'), held(outer, 'things')],
    ];
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    expect((await expired(own)).toSorted(byId)).toEqual(staying.toSorted(byId));
    expect(await present(own, all)).toEqual(all.filter((id) => id !== free));
    const [{ change: audited }] = await purgesOf(own);
    expect(audited).toMatchObject({ purged: [free], heldCount: staying.length });
    expect(audited.held.toSorted(byId)).toEqual(staying.toSorted(byId));

    await change(client, 'deleteThing', { id: outerThing });
    await run();
    expect(await present(own, [inner, outer])).toEqual([]);

    // A type without things goes with its versions, yet a metric stays while readings of it are stored.
    await deleteThingType(own, active);
    await age(own, [active], 91);
    await withAdmin(
      deployment.adminUrl('operational'),
      (sql) => sql`update app.things set thing_type_id = ${bound}, thing_type_version_id =
          (select latest_version_id from app.thing_types where org_id = ${own.orgId} and id = ${bound})
        where org_id = ${own.orgId} and id = ${thingId}`,
    );
    await run();
    expect(await present(own, [active, old, measured])).toEqual([measured]);
    expect(await expired(own)).toContainEqual(held(measured, 'readings'));
    await change(client, 'deleteThing', { id: thingId });
    await run();
    expect(await present(own, [measured])).toEqual([]);
  });

  it('removes templates with their revisions, but for one that an integration names, and leaves what monitors watch', async () => {
    const own = await newOrganization('Templates');
    const { client } = own;
    const [metric, watched] = [await own.metric('level'), await own.metric('watched')];
    const type = await own.thingType('Watched');
    const spec = {
      timestamp: { pointer: '/t', format: 'EPOCH_MILLIS' },
      mappings: [{ metricId: metric, pointer: '/v' }],
    };
    const template = async (name: string): Promise<string> =>
      (await change(client, 'createTemplate', { name, target: 'THING_DATA', format: 'JSON_POINTER', spec })).id;
    const [free, named, young] = [await template('free'), await template('named'), await template('young')];
    await change(client, 'updateTemplate', { id: free, name: 'free again' }, 'template { revision }');
    const hook = {
      name: 'Hook',
      direction: 'INGRESS',
      type: 'WEBHOOK',
      properties: { templateId: [named], thingPointer: ['/thing'] },
    };
    await change(client, 'createIntegration', hook);
    const target = { type: 'ALL_THINGS_OF_TYPE', thingTypeId: type };
    const rule = { target, frequency: 'H1', lookback: 'H1', metrics: [{ metricId: watched }], alerts: [] };
    await change(client, 'createMonitor', { name: 'Watches', ...rule });
    for (const id of [free, named, young]) await change(client, 'deleteTemplate', { id });
    await deleteMetric(own, watched);
    await deleteThingType(own, type);
    await age(own, [watched, type], 91);
    await withAdmin(deployment.adminUrl('operational'), async (sql) => {
      await sql`update app.templates set deleted_at = now() - interval '91 days' where id = any (${[free, named]}::uuid[])`;
    });
    await run();
    const { templates } = await client.ok('{ templates(first: 10, lifecycle: DELETED) { nodes { id } } }');
    expect(templates.nodes.map(({ id }: { id: string }) => id)).toEqual([named, young]);
    const revisions = await withAdmin(
      deployment.adminUrl('operational'),
      (sql) => sql`select from app.template_revisions where template_id = ${free}`,
    );
    expect(revisions).toHaveLength(0);
    expect(await present(own, [watched, type])).toEqual([watched, type]);
    const held = await expired(own);
    expect(held).toEqual(
      expect.arrayContaining([
        { id: named, heldBy: 'integrations' },
        { id: watched, heldBy: 'monitors' },
        { id: type, heldBy: 'monitors' },
      ]),
    );
    const [{ change: audited }] = await purgesOf(own);
    expect(audited.purged).toEqual([free]);
  });

  it('never comes where the organization wants none', async () => {
    const own = await newOrganization('Keeps');
    const metric = await own.metric('kept');
    await deleteMetric(own, metric);
    await age(own, [metric], 4000);
    await change(own.client, 'setDefinitionPurge', { days: null }, 'organization { definitionPurgeDays }');
    await run();
    expect(await present(own, [metric])).toEqual([metric]);
    const input = { days: 3650, confirm: true };
    await change(own.client, 'setDefinitionPurge', input, 'organization { definitionPurgeDays }');
    await run();
    expect(await present(own, [metric])).toEqual([]);
  });

  it('is no way to remove anything else, whoever asks the database for it', async () => {
    const [own, other] = [await newOrganization('Asks'), await newOrganization('Asked')];
    const [active, young, due] = [await own.metric('active'), await own.metric('young'), await own.metric('due')];
    const foreign = await other.metric('foreign');
    for (const id of [young, due]) await deleteMetric(own, id);
    await deleteMetric(other, foreign);
    await age(own, [due], 91);
    await age(other, [foreign], 91);
    const ids = arrayLiteral([active, young, foreign, due]);
    const purged = await withTaskContext(deployment, ({ operational }) =>
      withOrg(operational, systemIdentity(own.orgId, 'purge', 'test'), 'write', async (tx) => [
        ...(await tx.sql<{ id: string }[]>`select id from app.purge_definitions(${ids}::text[])`),
      ]),
    );
    expect(purged.map(({ id }) => id)).toEqual([due]);
    const asGateway = withOrg(
      deployment.operational,
      systemIdentity(own.orgId, 'purge', 'test'),
      'write',
      (tx) => tx.sql`select id from app.purge_definitions(${ids}::text[])`,
    );
    await expect(asGateway).rejects.toThrow();
    expect(await present(own, [active, young])).toEqual([active, young]);
    expect(await present(other, [foreign])).toEqual([foreign]);
  });
});

describe('setDefinitionPurge', () => {
  it('takes 1 to 3,650 days or null, and a confirmation for fewer than before', async () => {
    const { client } = await deployment.createOrganization('Bounds');
    const document =
      'mutation ($input: SetDefinitionPurgeInput!) { setDefinitionPurge(input: $input) { organization { definitionPurgeDays } } }';
    const codes = (input: object) => client.codes(document, { input });
    for (const input of [{}, { days: 0 }, { days: -1 }, { days: 1e9 }, { days: 1.5 }, { days: '30' }]) {
      expect([input, await codes({ ...input, confirm: true })]).toEqual([input, ['BAD_USER_INPUT']]);
    }
    const days = async () => (await client.ok('{ organization { definitionPurgeDays } }')).organization;
    expect(await days()).toEqual({ definitionPurgeDays: 90 });
    expect(await codes({ days: 89 })).toEqual(['CONFIRMATION_REQUIRED']);
    await client.ok(document, { input: { days: null } });
    expect(await codes({ days: 3650 })).toEqual(['CONFIRMATION_REQUIRED']);
    await client.ok(document, { input: { days: 1, confirm: true } });
    await client.ok(document, { input: { days: 3650 } });
    expect(await days()).toEqual({ definitionPurgeDays: 3650 });
  });
});
