import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let metricId: string;
let siteId: string;

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Keeper');
  const metric = { name: 'kept', dataType: 'INT', defaultAggregation: 'SUM' };
  metricId = (await change(organization.client, 'createMetric', metric)).id;
  const site = { name: 'Site', address: '', latitude: 1, longitude: 2 };
  siteId = (await change(organization.client, 'createSite', site)).id;
});
afterAll(() => deployment.stop());

/** What differs between the two kinds of definitions that are soft-deleted. */
interface Kind {
  readonly noun: 'Metric' | 'ThingType';
  readonly field: string;
  readonly list: string;
  readonly table: string;
  readonly fields: string;
  /** A whole definition of a name. */
  readonly input: (name: string) => object;
  /** Mutations that would refer to a definition anew, and with what they are refused. */
  readonly references: (
    id: string,
    name: string,
  ) => readonly (readonly [mutation: string, input: object, code: string])[];
}

const texts = { description: 'What it is', tags: ['one', 'two'] };
const thing = (type: object) => ({ placeId: siteId, name: 'New', ...type });
const kinds: readonly Kind[] = [
  {
    noun: 'Metric',
    field: 'metricDefinition',
    list: 'metricDefinitions',
    table: 'app.metric_definitions',
    fields: `id name dataType defaultAggregation displayName description unitLabel tags enumValues { code label }
      createdAt createdBy`,
    input: (name) => ({
      ...{ name, dataType: 'INT', defaultAggregation: 'LAST', displayName: `${name} shown`, unitLabel: 'A', ...texts },
      enumValues: [{ code: '1', label: 'on' }],
    }),
    references: (id) => [
      ['createThingType', { displayName: 'New', metricIds: [id] }, 'BAD_USER_INPUT'],
      ['createFleet', { name: 'New', preferredDisplayMetricIds: [id] }, 'BAD_USER_INPUT'],
      ['updateSite', { id: siteId, preferredDisplayMetricIds: [id] }, 'BAD_USER_INPUT'],
    ],
  },
  {
    noun: 'ThingType',
    field: 'thingType',
    list: 'thingTypes',
    table: 'app.thing_types',
    fields: `id displayName description defaultImageUrl defaultIconUrl latestVersionId latestVersionNumber
      latestVersion { id version displayName tags metricIds modelMetadata propertyDefinitions { name valueType } }
      versions(first: 10) { totalCount nodes { id } } createdAt createdBy`,
    input: (displayName) => ({
      ...{ displayName, metricIds: [metricId], modelMetadata: { a: 1 }, ...texts },
      defaultImageUrl: 'https://example.com/image',
      propertyDefinitions: [{ name: 'serial', valueType: 'STRING' }],
    }),
    references: (id, name) => [
      ['createThing', thing({ typeId: id }), 'BAD_USER_INPUT'],
      ['createThing', thing({ typeName: name }), 'BAD_USER_INPUT'],
      ['createThingType', { displayName: 'New', metricIds: [], allowedSubDefinitionIds: [id] }, 'BAD_USER_INPUT'],
      ['createThingTypeVersion', { typeId: id, metricIds: [metricId] }, 'CONFLICT'],
    ],
  },
];

/** Codes of a mutation that is refused. */
const refused = (name: string, input: object) =>
  organization.client.codes(
    `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename } }`,
    { input },
  );

describe.each(kinds)(
  'a $noun that is deleted and restored',
  ({ noun, field, list, table, fields, input, references }) => {
    const name = `name-of-${noun}`;
    const actorId = () => organization.client.key!.split('_')[2];
    const create = async (): Promise<string> => (await change(organization.client, `create${noun}`, input(name))).id;
    const payload = noun === 'Metric' ? 'metric' : 'thingType';
    const restore = (id: string) =>
      change(organization.client, `restore${noun}`, { id }, `${payload} { id isDeleted }`);
    const read = async (id: string) =>
      (
        await organization.client.ok(
          `query ($id: ID!) { one: ${field}(id: $id) { isDeleted deletedAt deletedBy ${fields} } }`,
          {
            id,
          },
        )
      ).one;
    /** Ids of each list, and whether its count says the same. */
    const listed = async (search?: string) => {
      const lists = ['ACTIVE', 'DELETED', 'ALL'].map(
        (lifecycle) =>
          `${lifecycle}: ${list}(first: 100, lifecycle: ${lifecycle}, search: $search) { totalCount nodes { id } }`,
      );
      const data = await organization.client.ok(
        `query ($search: String) { ${lists.join(' ')} default: ${list}(first: 100, search: $search) { totalCount nodes { id } } }`,
        search === undefined ? {} : { search },
      );
      return Object.fromEntries(
        Object.entries<{ totalCount: number; nodes: { id: string }[] }>(data).map(([key, { totalCount, nodes }]) => {
          expect(totalCount).toBe(nodes.length);
          return [key, nodes.map(({ id }) => id)];
        }),
      ) as Record<'ACTIVE' | 'DELETED' | 'ALL' | 'default', string[]>;
    };

    it('is out of use meanwhile, and back as it was', async () => {
      const id = await create();
      const before = await read(id);
      const lists = await listed();
      expect(lists.default).toContain(id);
      expect(await refused(`restore${noun}`, { id })).toEqual(['CONFLICT']);

      expect(await change(organization.client, `delete${noun}`, { id })).toEqual({ id });
      const deleted = await read(id);
      expect(deleted).toEqual({ ...before, isDeleted: true, deletedAt: expect.any(String), deletedBy: actorId() });
      for (const search of [undefined, name, id]) {
        const { ACTIVE, DELETED, ALL, default: usual } = await listed(search);
        expect([usual.includes(id), ACTIVE.includes(id), DELETED.includes(id), ALL.includes(id)]).toEqual([
          ...[false, false],
          ...[true, true],
        ]);
        if (search === undefined)
          expect([ACTIVE.length, ALL.length]).toEqual([lists.ACTIVE.length - 1, lists.ALL.length]);
      }
      for (const [mutation, referring, code] of references(id, name)) {
        expect([mutation, await refused(mutation, referring)]).toEqual([mutation, [code]]);
      }
      expect(await refused(`update${noun}`, { id, description: 'other' })).toEqual(['CONFLICT']);
      expect(await refused(`delete${noun}`, { id })).toEqual(['CONFLICT']);

      const other = await create();
      expect(other).not.toBe(id);
      expect(await refused(`restore${noun}`, { id })).toEqual(['CONFLICT']);
      expect((await read(id)).isDeleted).toBe(true);
      await change(organization.client, `delete${noun}`, { id: other });

      expect(await restore(id)).toEqual({ [payload]: { id, isDeleted: false } });
      expect(await read(id)).toEqual(before);
      const restored = await listed();
      expect([restored.default.includes(id), restored.DELETED.includes(id)]).toEqual([true, false]);
      expect(await refused(`create${noun}`, input(name))).toEqual(['CONFLICT']);
      expect(await refused(`restore${noun}`, { id: other })).toEqual(['CONFLICT']);
      const [[mutation, referring] = ['', {}]] = references(id, name);
      await change(organization.client, mutation, referring);
    });

    it('stays as a row that the gateway has no right to delete', async () => {
      const id = (await change(organization.client, `create${noun}`, input(`row-of-${noun}`))).id;
      await change(organization.client, `delete${noun}`, { id });
      await withAdmin(deployment.adminUrl('operational'), async (sql) => {
        const rows = await sql`select deleted_at, deleted_by from ${sql(table)} where id = ${id}`;
        expect([...rows]).toEqual([{ deleted_at: expect.any(Date), deleted_by: actorId() }]);
      });
      await withAdmin(deployment.urlOf('operational', 'bulkhead_gateway'), async (sql) => {
        await expect(sql`delete from ${sql(table)} where id = ${id}`).rejects.toMatchObject({ code: '42501' });
      });
    });

    it('leaves the trail of it in the audit log', async () => {
      const id = (await change(organization.client, `create${noun}`, input(`trail-of-${noun}`))).id;
      const deleter = await organization.createKey({ scopes: [`write DEFINITION/${noun}/${id}`] });
      await change(deleter.client, `delete${noun}`, { id });
      await restore(id);
      const { auditEvents } = await organization.client.ok(
        `query ($path: String) { auditEvents(first: 10, filter: { resourcePrefix: $path }) { nodes { action actorId outcome } } }`,
        { path: `DEFINITION/${noun}/${id}` },
      );
      expect(auditEvents.nodes).toEqual([
        { action: `restore${noun}`, actorId: actorId(), outcome: 'SUCCEEDED' },
        { action: `delete${noun}`, actorId: deleter.id, outcome: 'SUCCEEDED' },
        { action: `create${noun}`, actorId: actorId(), outcome: 'SUCCEEDED' },
      ]);
    });
  },
);

describe('things of what was deleted', () => {
  it('stay and go on reporting', async () => {
    const { client } = organization;
    const extra: string = (
      await change(client, 'createMetric', { name: 'extra', dataType: 'INT', defaultAggregation: 'SUM' })
    ).id;
    const typeId: string = (await change(client, 'createThingType', { displayName: 'Reporter', metricIds: [extra] }))
      .id;
    const thingId: string = (await change(client, 'createThing', { placeId: siteId, name: 'Old', typeId })).id;
    expect(await refused('deleteMetric', { id: extra })).toEqual(['CONFLICT']);
    await change(client, 'createThingTypeVersion', { typeId, metricIds: [metricId] });
    await change(client, 'deleteMetric', { id: extra });
    await change(client, 'deleteThingType', { id: typeId });

    const at = new Date().toISOString();
    const frames = [{ timestamp: Date.parse(at), metrics: { extra: 7 } }];
    await change(client, 'ingestFrames', { things: [{ thingId, frames }] }, 'framesIngested');
    await change(client, 'updateThing', { id: thingId, name: 'Renamed' }, 'thing { id }');
    const data = await client.ok(
      `query ($id: ID!) { thing(id: $id) {
        name type { displayName isDeleted } latest { metricName value at metric { isDeleted } }
      } }`,
      { id: thingId },
    );
    expect(data.thing).toEqual({
      name: 'Renamed',
      type: { displayName: 'Reporter', isDeleted: true },
      latest: [{ metricName: 'extra', value: expect.anything(), at, metric: { isDeleted: true } }],
    });

    // The latest version of a type in use holds no deleted metric: what was deleted last comes back first.
    const lone = { name: 'lone', dataType: 'INT', defaultAggregation: 'SUM' };
    const loneId: string = (await change(client, 'createMetric', lone)).id;
    const alone: string = (await change(client, 'createThingType', { displayName: 'Alone', metricIds: [loneId] })).id;
    await change(client, 'deleteThingType', { id: alone });
    await change(client, 'deleteMetric', { id: loneId });
    expect(await refused('restoreThingType', { id: alone })).toEqual(['CONFLICT']);
    await change(client, 'restoreMetric', { id: loneId }, 'metric { id }');
    await change(client, 'restoreThingType', { id: alone }, 'thingType { id }');
  });
});
