import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { and, eq } from 'drizzle-orm';
import type { Identity } from '../../auth/identity.js';
import {
  type MetricDefinitionRow,
  type ThingTypeVersionRow,
  thingTypeMetrics,
  thingTypeVersions,
} from '../../db/tables/definitions.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { listBelow } from '../../domain/list-below.js';
import { createMetric, type NewMetric } from '../../domain/metric/create-metric.js';
import { deleteMetric } from '../../domain/metric/delete-metric.js';
import { getMetric } from '../../domain/metric/get-metric.js';
import { metricList } from '../../domain/metric/metric-list.js';
import { restoreMetric } from '../../domain/metric/restore-metric.js';
import { updateMetric } from '../../domain/metric/update-metric.js';
import { readPage } from '../../domain/read-page.js';
import { createThingType, type NewThingType } from '../../domain/thing-type/create-thing-type.js';
import { createThingTypeVersion, type NewThingTypeVersion } from '../../domain/thing-type/create-thing-type-version.js';
import { deleteThingType } from '../../domain/thing-type/delete-thing-type.js';
import { getThingType } from '../../domain/thing-type/get-thing-type.js';
import { getThingTypeVersion } from '../../domain/thing-type/get-thing-type-version.js';
import { restoreThingType } from '../../domain/thing-type/restore-thing-type.js';
import { thingTypeList } from '../../domain/thing-type/thing-type-list.js';
import { thingTypeVersionList } from '../../domain/thing-type/thing-type-version-list.js';
import { updateThingType } from '../../domain/thing-type/update-thing-type.js';
import { updateThingTypeVersion } from '../../domain/thing-type/update-thing-type-version.js';
import {
  newOrganization,
  type OperationalDatabase,
  restricted,
  startOperationalDatabase,
} from '../support/operational-database.js';
import { settled } from '../support/settled.js';

let store: OperationalDatabase;
let owner: Identity;
let sequence = 0;

beforeAll(async () => {
  store = await startOperationalDatabase();
  owner = await newOrganization(store.database);
});

afterAll(() => store.stop());

const uniqueName = (stem: string) => {
  sequence += 1;
  return `${stem}-${sequence}`;
};
const write = <T>(work: (tx: OrgTransaction) => Promise<T>, identity = owner) =>
  withOrg(store.database, identity, 'write', work);
const read = <T>(work: (tx: OrgTransaction) => Promise<T>, identity = owner) =>
  withOrg(store.database, identity, 'read', work);

const newMetric = (input: Partial<NewMetric> = {}, identity = owner) =>
  write(
    (tx) => createMetric(tx, { name: uniqueName('m'), dataType: 'DOUBLE', defaultAggregation: 'AVG', ...input }),
    identity,
  );
const newType = (input: Partial<NewThingType> = {}, identity = owner) =>
  write((tx) => createThingType(tx, { displayName: uniqueName('Type'), metricIds: [], ...input }), identity);
const newVersion = (input: NewThingTypeVersion, identity = owner) =>
  write((tx) => createThingTypeVersion(tx, input), identity);
const version = (id: string) => read((tx) => getThingTypeVersion(tx, id));
const metricsOf = (id: string) =>
  read(async (tx) => {
    const selected = and(eq(thingTypeMetrics.orgId, tx.orgId), eq(thingTypeMetrics.versionId, id));
    const rows = await tx.db.select().from(thingTypeMetrics).where(selected).orderBy(thingTypeMetrics.position);
    return rows.map((row) => row.metricId);
  });
const names = async <Row extends { id: string }>(query: Parameters<typeof readPage>[2], identity = owner) =>
  (await readPage<Row>(store.database, identity, query, { first: 100 })).rows.map((row) => row.id);

describe('metric definitions', () => {
  it('are created, read, changed, deleted and restored', async () => {
    const tags = ['a', 'b "c", {d}', 'NULL', 'a'];
    const id = await newMetric({ name: 'soc', displayName: '', description: 'Charge', unitLabel: '%', tags });
    expect(await read((tx) => getMetric(tx, id))).toMatchObject({
      ...{ id, name: 'soc', dataType: 'DOUBLE', defaultAggregation: 'AVG', displayName: '', description: 'Charge' },
      ...{ unitLabel: '%', tags: tags.slice(0, 3), enumValues: null, createdBy: 'test', updatedAt: null },
      deletedAt: null,
    });
    const { before, after } = await write((tx) => settled(updateMetric(tx, { id, description: null, tags: null })));
    expect(before).toMatchObject({ description: 'Charge', updatedAt: null });
    expect(after).toMatchObject({ description: null, unitLabel: '%', tags: [], updatedBy: 'test' });
    await write((tx) => deleteMetric(tx, id));
    expect(await read((tx) => getMetric(tx, id))).toMatchObject({ deletedBy: 'test', deletedAt: expect.any(Date) });
    await expect(write((tx) => deleteMetric(tx, id))).rejects.toMatchObject({
      ...{ code: 'CONFLICT', message: 'The metric is already deleted' },
    });
    await expect(write((tx) => settled(updateMetric(tx, { id })))).rejects.toMatchObject({ code: 'CONFLICT' });
    await write((tx) => restoreMetric(tx, id));
    expect(await read((tx) => getMetric(tx, id))).toMatchObject({ deletedAt: null, deletedBy: null });
    await expect(write((tx) => restoreMetric(tx, id))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('have names that are unique among active ones in any case', async () => {
    const id = await newMetric({ name: 'Unique' });
    await expect(newMetric({ name: 'uniquE' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await write((tx) => deleteMetric(tx, id));
    await newMetric({ name: 'uniquE' });
    await expect(write((tx) => restoreMetric(tx, id))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('keep their codes', async () => {
    const idle = { code: '-1', label: 'Idle' };
    const codes = { dataType: 'INT', defaultAggregation: 'LAST', enumValues: [idle] } as const;
    const id = await newMetric(codes);
    const enumValues = [
      { code: '9223372036854775807', label: 'Far' },
      { ...idle, label: 'Still' },
    ];
    const { after } = await write((tx) => settled(updateMetric(tx, { id, enumValues })));
    expect(after.enumValues).toEqual(enumValues);
    const refused = (change: object) => expect(write((tx) => settled(updateMetric(tx, { id, ...change })))).rejects;
    await refused({ enumValues: [idle] }).toMatchObject({ code: 'BAD_USER_INPUT' });
    await refused({ enumValues: null }).toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(newMetric({ ...codes, defaultAggregation: 'AVG' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const plain = await newMetric({ dataType: 'INT', defaultAggregation: 'SUM' });
    await expect(write((tx) => settled(updateMetric(tx, { id: plain, enumValues })))).rejects.toMatchObject({
      details: { field: 'input.enumValues' },
    });
  });

  it('never lose a code to two changes at once', async () => {
    const code = (value: number) => ({ code: String(value), label: 'x' });
    const id = await newMetric({ dataType: 'INT', defaultAggregation: 'LAST', enumValues: [code(0)] });
    const attempts = await Promise.allSettled(
      [1, 2, 3, 4].map((value) => write((tx) => settled(updateMetric(tx, { id, enumValues: [code(0), code(value)] })))),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('obey the scopes of the key', async () => {
    const id = await newMetric();
    const reader = restricted(owner, `read DEFINITION/Metric/${id}`);
    const writer = restricted(owner, `write DEFINITION/Metric/${id}`);
    const stranger = restricted(owner, 'read PLACE/Site/#');
    const other = await newOrganization(store.database);
    expect((await read((tx) => getMetric(tx, id), reader)).id).toBe(id);
    await expect(read((tx) => getMetric(tx, id), writer)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(read((tx) => getMetric(tx, id), other)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(read((tx) => getMetric(tx, "mdef_' or 1=1 --\0"))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (const work of [updateMetric, deleteMetric, restoreMetric]) {
      const attempt = (tx: OrgTransaction) => work(tx, (work === updateMetric ? { id } : id) as never);
      await expect(write<unknown>(attempt, reader)).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(write<unknown>(attempt, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(write<unknown>(attempt, other)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await expect(newMetric({}, writer)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await write((tx) => settled(updateMetric(tx, { id, unitLabel: 'A' })), writer)).after.unitLabel).toBe('A');
    await newMetric({}, restricted(owner, 'write DEFINITION/Metric/#'));
  });

  it('are listed by life cycle and search', async () => {
    const org = await newOrganization(store.database);
    const [a, b] = [
      await newMetric({ name: 'alpha' }, org),
      await newMetric({ name: 'beta', displayName: 'ALP%' }, org),
    ];
    const c = await newMetric({ name: 'gamma' }, org);
    await write((tx) => deleteMetric(tx, b), org);
    const list = (...args: Parameters<typeof metricList>) => names<MetricDefinitionRow>(metricList(...args), org);
    expect(await list('ACTIVE', undefined)).toEqual([a, c]);
    expect(await list('DELETED', null)).toEqual([b]);
    expect(await list('ALL', 'alp')).toEqual([a, b]);
    expect(await list('ALL', 'p%')).toEqual([b]);
    expect(await list('ALL', c)).toEqual([c]);
    const page = await readPage<MetricDefinitionRow>(store.database, org, metricList('ALL', null), { first: 1 });
    const after = page.cursorOf(page.rows[0]!);
    expect([page.hasNextPage, await page.countAll()]).toEqual([true, 3]);
    const next = await readPage<MetricDefinitionRow>(store.database, org, metricList('ALL', null), { first: 9, after });
    expect(next.rows.map((row) => row.id)).toEqual([b, c]);
    const elsewhere = readPage(store.database, org, metricList('ACTIVE', null), { first: 9, after });
    await expect(elsewhere).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const some = restricted(org, `read DEFINITION/Metric/${a}`);
    expect(await names(metricList('ALL', null), some)).toEqual([a]);
  });
});

describe('thing types', () => {
  it('are created with version 1', async () => {
    const metricIds = [await newMetric(), await newMetric(), await newMetric()].reverse();
    const sub = await newType();
    const snapshot = {
      ...{ description: 'A battery', tags: ['x'], modelMetadata: { maker: ['é', null, 1.5] } },
      propertyDefinitions: [
        { name: 'serial', valueType: 'STRING' as const, constraints: { required: true, pattern: '[A-Z]+' } },
      ],
    };
    const defaultImageUrl = 'https://example.com/i.png';
    const input = {
      ...snapshot,
      displayName: 'Battery',
      metricIds,
      defaultImageUrl,
      allowedSubDefinitionIds: [sub.id, sub.id],
    };
    const { id, versionId } = await newType(input);
    expect(await read((tx) => getThingType(tx, id))).toMatchObject({
      ...{ displayName: 'Battery', description: 'A battery', defaultImageUrl, defaultIconUrl: null },
      ...{ latestVersionId: versionId, latestVersionNumber: 1, deletedAt: null },
    });
    expect(await version(versionId)).toMatchObject({
      ...snapshot,
      ...{ thingTypeId: id, version: 1, allowedSubDefinitionIds: [sub.id], deletedMetricIds: [] },
    });
    expect(await metricsOf(versionId)).toEqual(metricIds);
  });

  it.each<[string, (known: string) => Partial<NewThingType>, string]>([
    ['a slash', () => ({ displayName: 'a/b' }), 'input.displayName'],
    ['a hash', () => ({ displayName: 'a#' }), 'input.displayName'],
    ['a star', () => ({ displayName: '*' }), 'input.displayName'],
    ['the start of an id', () => ({ displayName: 'tdefi_x' }), 'input.displayName'],
    ['a line break', () => ({ displayName: 'a\nb' }), 'input.displayName'],
    ['a separator of lines', () => ({ displayName: 'a\u2028b' }), 'input.displayName'],
    ['101 characters', () => ({ displayName: 'é'.repeat(101) }), 'input.displayName'],
    ['an unknown metric', (known) => ({ metricIds: [known, `mdef_${'0'.repeat(26)}`] }), 'input.metricIds[1]'],
    ['no id of a metric', (known) => ({ metricIds: [known, 'x\0"}'] }), 'input.metricIds[1]'],
    ['a metric twice', (known) => ({ metricIds: [known, known] }), 'input.metricIds[1]'],
    ['501 metrics', (known) => ({ metricIds: Array.from({ length: 501 }, () => known) }), 'input.metricIds'],
    [
      'an unknown type below',
      () => ({ allowedSubDefinitionIds: [`tdefi_${'0'.repeat(26)}`] }),
      'input.allowedSubDefinitionIds[0]',
    ],
    ['bare metadata', () => ({ modelMetadata: '123' }), 'input.modelMetadata'],
    ['large metadata', () => ({ modelMetadata: ['x'.repeat(16 * 1024)] }), 'input.modelMetadata'],
    ['metadata with 2^53', () => ({ modelMetadata: { a: [2 ** 53] } }), 'input.modelMetadata'],
    ['metadata with U+0000', () => ({ modelMetadata: { a: ['\0'] } }), 'input.modelMetadata'],
    ['a bad address', () => ({ defaultIconUrl: 'javascript:alert(1)' }), 'input.defaultIconUrl'],
    [
      'a bad property',
      () => ({ propertyDefinitions: [{ name: 'a', valueType: 'ENUM' as const }] }),
      'input.propertyDefinitions[0].constraints.oneOf',
    ],
  ])('are refused with %s', async (_what, input, field) => {
    const known = await newMetric();
    await expect(newType(input(known))).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  it('refuse metrics of another organization and deleted ones', async () => {
    const other = await newOrganization(store.database);
    const foreign = await newMetric({}, other);
    await expect(newType({ metricIds: [foreign] })).rejects.toMatchObject({ details: { field: 'input.metricIds[0]' } });
    const foreignType = await newType({}, other);
    await expect(newType({ allowedSubDefinitionIds: [foreignType.id] })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    const gone = await newMetric();
    const { id } = await newType({ metricIds: [gone] });
    await newVersion({ typeId: id, metricIds: [] });
    await write((tx) => deleteMetric(tx, gone));
    await expect(newVersion({ typeId: id, metricIds: [gone] })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('are changed, deleted and restored; names are unique among active ones', async () => {
    const { id, versionId } = await newType({ displayName: 'Old', description: 'x' });
    const { after } = await write((tx) => settled(updateThingType(tx, { id, displayName: 'New', description: null })));
    expect(after).toMatchObject({ displayName: 'New', description: null, updatedBy: 'test' });
    expect((await version(versionId)).displayName).toBe('Old');
    await expect(write((tx) => settled(updateThingType(tx, { id, displayName: null })))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await expect(newType({ displayName: 'New' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await write((tx) => deleteThingType(tx, id));
    for (const work of [
      (tx: OrgTransaction) => deleteThingType(tx, id),
      (tx: OrgTransaction) => settled(updateThingType(tx, { id })),
      (tx: OrgTransaction) => createThingTypeVersion(tx, { typeId: id, metricIds: [] }),
      (tx: OrgTransaction) => settled(updateThingTypeVersion(tx, { id: versionId, tags: [] })),
    ]) {
      await expect(write<unknown>(work)).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    const again = await newType({ displayName: 'New' });
    await expect(write((tx) => restoreThingType(tx, id))).rejects.toMatchObject({ code: 'CONFLICT' });
    await write((tx) => deleteThingType(tx, again.id));
    expect((await write((tx) => restoreThingType(tx, id))).after.deletedAt).toBeNull();
    await expect(write((tx) => restoreThingType(tx, id))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await names(thingTypeList('ACTIVE', 'New'))).toEqual([id]);
    expect(await names(thingTypeList('DELETED', 'New'))).toEqual([again.id]);
  });

  it('keep their metrics from being deleted while the latest version holds them', async () => {
    const metric = await newMetric();
    const { id } = await newType({ metricIds: [metric] });
    await expect(write((tx) => deleteMetric(tx, metric))).rejects.toMatchObject({
      ...{ code: 'CONFLICT', message: expect.stringContaining('1 active thing type') },
    });
    await write((tx) => deleteThingType(tx, id));
    await write((tx) => deleteMetric(tx, metric));
    await expect(write((tx) => restoreThingType(tx, id))).rejects.toMatchObject({
      ...{ code: 'CONFLICT', message: expect.stringContaining('1 deleted metric') },
    });
    await write((tx) => restoreMetric(tx, metric));
    await write((tx) => restoreThingType(tx, id));
  });

  it('never hold a deleted metric, whatever comes at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const metric = await newMetric();
      const { id } = await newType({ metricIds: round % 2 === 0 ? [] : [metric] });
      if (round % 2 === 1) await write((tx) => deleteThingType(tx, id));
      const [deleted, held] = await Promise.allSettled([
        write((tx) => deleteMetric(tx, metric)),
        round % 2 === 0 ? newVersion({ typeId: id, metricIds: [metric] }) : write((tx) => restoreThingType(tx, id)),
      ]);
      expect([deleted.status, held.status].sort()).toEqual(['fulfilled', 'rejected']);
    }
  });
});

describe('versions', () => {
  const propertyDefinitions = [{ name: 'p', valueType: 'INT' as const, constraints: { required: false, min: 1 } }];

  it('inherit what is absent and are full snapshots', async () => {
    const [a, b, c] = [await newMetric(), await newMetric(), await newMetric()];
    const sub = await newType();
    const first = {
      description: 'd',
      tags: ['t', '"'],
      modelMetadata: [1],
      propertyDefinitions,
      allowedSubDefinitionIds: [sub.id],
    };
    const { id } = await newType({ ...first, displayName: 'Inherits', metricIds: [a, b] });
    const second = await newVersion({ typeId: id, metricIds: [c, b], propertyDefinitions: null });
    expect(await version(second)).toMatchObject({
      ...first,
      version: 2,
      displayName: 'Inherits',
      deletedMetricIds: [a],
    });
    expect(await metricsOf(second)).toEqual([c, b]);
    const third = await newVersion({
      ...{ typeId: id, metricIds: [], displayName: 'Third / 3', description: null, tags: null, modelMetadata: null },
      ...{ propertyDefinitions: [], allowedSubDefinitionIds: null },
    });
    expect(await version(third)).toMatchObject({
      ...{ version: 3, displayName: 'Third / 3', description: null, tags: [], modelMetadata: null },
      ...{ propertyDefinitions: [], allowedSubDefinitionIds: [], deletedMetricIds: [c, b] },
    });
    expect(await read((tx) => getThingType(tx, id))).toMatchObject({
      ...{ displayName: 'Inherits', latestVersionId: third, latestVersionNumber: 3, updatedBy: 'test' },
    });
    expect(
      (await names<ThingTypeVersionRow>(listBelow(thingTypeVersionList(), thingTypeVersions.thingTypeId, id))).slice(1),
    ).toEqual([second, third]);
    await expect(newVersion({ typeId: id, metricIds: [], displayName: null })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  it('are numbered one after the other, whatever comes at once', async () => {
    const { id } = await newType();
    const made = await Promise.all(Array.from({ length: 8 }, () => newVersion({ typeId: id, metricIds: [] })));
    const numbers = await Promise.all(made.map(async (each) => (await version(each)).version));
    expect(numbers.sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await read((tx) => getThingType(tx, id))).latestVersionNumber).toBe(9);
  });

  it('change but for their metrics: null stays, empty clears', async () => {
    const { versionId } = await newType({
      description: 'd',
      tags: ['t'],
      modelMetadata: { a: 1 },
      propertyDefinitions,
    });
    const change = (input: object) => write((tx) => settled(updateThingTypeVersion(tx, { id: versionId, ...input })));
    const untouched = {
      displayName: null,
      description: null,
      tags: null,
      modelMetadata: null,
      propertyDefinitions: null,
    };
    const { before, after } = await change(untouched);
    expect({ ...after, updatedAt: null, updatedBy: null }).toEqual(before);
    const cleared = { displayName: 'N', description: '', tags: [], modelMetadata: {}, propertyDefinitions: [] };
    expect((await change(cleared)).after).toMatchObject({ ...cleared, description: null });
    await expect(change({ displayName: '' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('obey the scopes of the key', async () => {
    const metric = await newMetric();
    const { id, versionId } = await newType({ metricIds: [metric], propertyDefinitions, description: 'kept' });
    const typeWriter = restricted(owner, `write DEFINITION/ThingType/${id}`);
    const made = await newVersion({ typeId: id, metricIds: [metric] }, typeWriter);
    expect(await version(made)).toMatchObject({ version: 2, description: 'kept', propertyDefinitions });
    expect(await metricsOf(made)).toEqual([metric]);
    await expect(write((tx) => getThingTypeVersion(tx, made), typeWriter)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const reader = restricted(owner, 'read DEFINITION/#/#');
    await expect(newVersion({ typeId: id, metricIds: [] }, reader)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(write((tx) => settled(updateThingTypeVersion(tx, { id: made })), reader)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(write((tx) => settled(updateThingType(tx, { id })), reader)).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(write((tx) => deleteThingType(tx, id), reader)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(newType({}, typeWriter)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const versionWriter = restricted(owner, `write DEFINITION/ThingTypeVersion/${versionId}`);
    const change = { id: versionId, tags: ['by-version-writer'] };
    expect((await write((tx) => settled(updateThingTypeVersion(tx, change)), versionWriter)).after.tags).toEqual(
      change.tags,
    );
    await expect(newVersion({ typeId: id, metricIds: [] }, versionWriter)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(write((tx) => settled(updateThingTypeVersion(tx, { id: made })), versionWriter)).rejects.toMatchObject(
      {
        code: 'NOT_FOUND',
      },
    );
    const other = await newOrganization(store.database);
    await expect(newVersion({ typeId: id, metricIds: [] }, other)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await newType({ metricIds: [metric] }, restricted(owner, 'write DEFINITION/ThingType/#'));
  });

  it('are answered by the owner functions only where the key may change the type', async () => {
    const { id } = await newType();
    const rows = (identity: Identity, purpose: 'read' | 'write') =>
      withOrg(store.database, identity, purpose, (tx) => tx.sql`select * from app.latest_version(${id})`);
    expect(await rows(owner, 'write')).toHaveLength(1);
    expect(await rows(owner, 'read')).toHaveLength(0);
    expect(await rows(restricted(owner, 'read DEFINITION/#/#'), 'write')).toHaveLength(0);
    expect(await rows(await newOrganization(store.database), 'write')).toHaveLength(0);
  });

  it('never lose a metric', async () => {
    const { versionId } = await newType({ metricIds: [await newMetric()] });
    const remove = write((tx) =>
      tx.db
        .delete(thingTypeMetrics)
        .where(and(eq(thingTypeMetrics.orgId, tx.orgId), eq(thingTypeMetrics.versionId, versionId))),
    );
    await expect(remove).rejects.toMatchObject({ sqlState: '42501' });
  });
});
