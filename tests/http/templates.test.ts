import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withAdmin } from '../isolation/data-digest.js';
import { change } from '../isolation/seed.js';
import type { GraphqlClient } from '../support/graphql-client.js';
import { startTestDeployment, type TestDeployment, type TestOrganization } from '../support/test-deployment.js';

let deployment: TestDeployment;
let organization: TestOrganization;
let client: GraphqlClient;
const metrics: Record<string, string> = {};
let unusedMetric: string;
let thingId: string;
let pointerTemplate: string;

const dataTypes = { count: 'INT', power: 'DOUBLE', state: 'STRING', isOn: 'BOOL', raw: 'JSON' };

beforeAll(async () => {
  deployment = await startTestDeployment();
  organization = await deployment.createOrganization('Mapper');
  client = organization.client;
  for (const [name, dataType] of Object.entries(dataTypes)) {
    metrics[name] = (await change(client, 'createMetric', { name, dataType, defaultAggregation: 'LAST' })).id;
  }
  unusedMetric = (await change(client, 'createMetric', { name: 'unused', dataType: 'INT', defaultAggregation: 'LAST' }))
    .id;
  const type = { displayName: 'Meter', metricIds: Object.values(metrics) };
  const { id: typeId } = await change(client, 'createThingType', type);
  const { id: placeId } = await change(client, 'createFleet', { name: 'Fleet' });
  thingId = (await change(client, 'createThing', { placeId, typeId, name: 'Meter 1' })).id;
  pointerTemplate = await createTemplate('JSON_POINTER', pointerSpec());
});
afterAll(() => deployment.stop());

const createTemplate = async (format: string, spec: object): Promise<string> =>
  (await change(client, 'createTemplate', { name: 'Template', target: 'THING_DATA', format, spec })).id;

const pointerSpec = () => ({
  recordsPointer: '/data/items',
  timestamp: { pointer: '/at', format: 'ISO8601' },
  mappings: [
    { metricId: metrics['count'], pointer: '/values/count', required: true },
    { metricId: metrics['power'], pointer: '/values/~1power', scale: 0.001, offset: 1 },
    { metricId: metrics['state'], pointer: '/values/state', default: 'unknown' },
    { metricId: metrics['isOn'], pointer: '/values/on' },
    { metricId: unusedMetric, pointer: '/values/count' },
  ],
});

/** The minute in which the test began: a later look at the clock could be of another one. */
const begunMs = Math.floor(Date.now() / 60_000) * 60_000;
const at = (minutesAgo: number) => new Date(begunMs - minutesAgo * 60_000);
const reportFields = `recordsParsed recordsSkipped { index reason value } recordsSkippedOmitted
  fieldsSkippedMissing { metricId count } fieldsInvalid { metricId reason count } fieldsOmitted`;
const ingest = async (templateId: string, document: unknown, options: object = {}) =>
  (
    await change(
      client,
      'ingestViaTemplate',
      { thingId, templateId, document, ...options },
      `thingId report { previewOnly templateId templateRevision templateUpdatedAt readingsWritten metricValuesWritten
         metricsSkippedNotOnType ${reportFields} }`,
    )
  ).report;
const test = (input: object) =>
  change(
    client,
    'testTemplate',
    input,
    `report { ${reportFields} } records { index timestampMs fields { metricId value } }`,
  );
const latest = async () => {
  const { thing } = await client.ok('query ($id: ID!) { thing(id: $id) { latest { metricName value at } } }', {
    id: thingId,
  });
  return Object.fromEntries(
    thing.latest.map(({ metricName, value, at: moment }: Record<string, unknown>) => [metricName, { value, moment }]),
  );
};
/** Codes and fields of the errors of a mutation that is refused. */
const refusal = async (name: string, input: object, by = client) => {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const { errors } = await by.send(`mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`, { input });
  return errors.map(({ extensions }) => [extensions['code'], extensions['field']]);
};

const document = () => ({
  data: {
    items: [
      { at: at(3).toISOString(), values: { count: '9007199254740993', '/power': 1500, state: 'on', on: true } },
      { at: at(2).toISOString(), values: { count: 2, '/power': 'much', on: 7 } },
      { at: 'yesterday', values: { count: 3 } },
      { at: at(1).toISOString(), values: { '/power': 1 } },
      { at: '2001-01-01T00:00:00Z', values: { count: 4 } },
      { at: at(0).toISOString(), values: { count: 2 ** 60 } },
    ],
  },
});

describe('ingest by a template', () => {
  const outcome = () => ({
    templateId: pointerTemplate,
    templateRevision: 1,
    templateUpdatedAt: expect.any(String),
    recordsParsed: 6,
    readingsWritten: 2,
    metricValuesWritten: 6,
    recordsSkipped: [
      { index: 2, reason: 'the timestamp is not ISO 8601 text with an offset', value: '"yesterday"' },
      { index: 3, reason: `has no value for ${metrics['count']}, which is required`, value: null },
      {
        index: 4,
        reason: expect.stringMatching(/^the timestamp is before .*, where retention begins$/),
        value: '978307200000',
      },
      { index: 5, reason: expect.stringContaining('beyond 2^53 as a number'), value: String(2 ** 60) },
    ],
    recordsSkippedOmitted: 0,
    metricsSkippedNotOnType: [unusedMetric],
    fieldsSkippedMissing: expect.arrayContaining([
      { metricId: metrics['count'], count: 1 },
      { metricId: unusedMetric, count: 1 },
      { metricId: metrics['isOn'], count: 3 },
      { metricId: metrics['power'], count: 2 },
    ]),
    fieldsInvalid: expect.arrayContaining([
      { metricId: metrics['power'], reason: 'is not a number', count: 1 },
      { metricId: metrics['isOn'], reason: 'is not a boolean (the metric is BOOL)', count: 1 },
    ]),
    fieldsOmitted: 0,
  });

  it('previews, and then writes, what fits, and reports the rest', async () => {
    expect(await ingest(pointerTemplate, document(), { previewOnly: true })).toEqual({
      ...outcome(),
      previewOnly: true,
    });
    expect(await latest()).toEqual({});
    expect(await ingest(pointerTemplate, document())).toEqual({ ...outcome(), previewOnly: false });
    expect(await latest()).toEqual({
      count: { value: '2', moment: at(2).toISOString() },
      power: { value: 2.5, moment: at(3).toISOString() },
      state: { value: 'unknown', moment: at(2).toISOString() },
      isOn: { value: true, moment: at(3).toISOString() },
    });
    const raw = `query ($id: ID!, $start: DateTime!, $end: DateTime!) {
      thing(id: $id) { timeseries(start: $start, end: $end, metricIds: ["count"]) { points { value } } } }`;
    const { thing } = await client.ok(raw, { id: thingId, start: at(10).toISOString(), end: at(-1).toISOString() });
    expect(thing.timeseries[0].points).toEqual([{ value: '9007199254740993' }, { value: '2' }]);
  });

  it('counts what it wrote, and nothing for a preview', async () => {
    const rows = await withAdmin(
      deployment.adminUrl('operational'),
      (sql) => sql`select calls::int, amount::int from audit.usage where action = 'ingestViaTemplate'`,
    );
    expect(rows.map(({ calls, amount }) => [calls, amount])).toEqual([[1, 4]]);
  });

  it('says so where nothing can be read', async () => {
    expect(await ingest(pointerTemplate, { data: 'none' })).toMatchObject({
      recordsParsed: 0,
      readingsWritten: 0,
      recordsSkipped: [{ index: null, reason: 'recordsPointer leads to no list', value: null }],
    });
  });

  it('refuses documents beyond its bounds, whole', async () => {
    const items = (count: number) => Array.from({ length: count }, () => ({ at: at(1).toISOString(), values: {} }));
    const deep = Array.from({ length: 70 }).reduce<unknown>((inner) => [inner], 1);
    const send = (value: unknown) =>
      refusal('ingestViaTemplate', { thingId, templateId: pointerTemplate, document: value });
    expect(await send({ data: { items: items(1001) } })).toEqual([['BAD_USER_INPUT', 'input.document']]);
    expect(await send(deep)).toEqual([['BAD_USER_INPUT', 'input.document']]);
    expect(await send({ data: { items: items(1000) } })).toEqual([]);
    // One text that many mappings and records take is counted as often as it would be stored.
    const spec = {
      ...pointerSpec(),
      mappings: Object.values(metrics).map((metricId) => ({ metricId, pointer: '/values' })),
    };
    const templateId = await createTemplate('JSON_POINTER', spec);
    const large = items(100).map((item) => ({ ...item, values: 'x'.repeat(5000) }));
    const input = { thingId, templateId, document: { data: { items: large } }, previewOnly: true };
    expect(await refusal('ingestViaTemplate', input)).toEqual([['BAD_USER_INPUT', 'input.document']]);
  });

  it('needs write on the thing and read on the template', async () => {
    const clientWith = async (...scopes: string[]) => (await organization.createKey({ scopes })).client;
    const input = { thingId, templateId: pointerTemplate, document: document() };
    const reader = await clientWith('read THING/#/#', 'read TEMPLATE/#/#');
    expect(await refusal('ingestViaTemplate', input, reader)).toEqual([['FORBIDDEN', undefined]]);
    const writer = await clientWith('write THING/#/#', 'write TEMPLATE/#/#');
    expect(await refusal('ingestViaTemplate', input, writer)).toEqual([['NOT_FOUND', undefined]]);
    const other = await clientWith('write THING/#/#', 'read THING/#/#', `read TEMPLATE/THING_DATA/${thingId}`);
    expect(await refusal('ingestViaTemplate', input, other)).toEqual([['NOT_FOUND', undefined]]);
    const both = await clientWith(`write THING/#/${thingId}`, `read TEMPLATE/THING_DATA/${pointerTemplate}`);
    expect(await refusal('ingestViaTemplate', input, both)).toEqual([]);
    expect(await refusal('testTemplate', { id: pointerTemplate, document: {} }, both)).toEqual([]);
    expect(await refusal('updateTemplate', { id: pointerTemplate, name: 'Other' }, both)).toEqual([
      ['FORBIDDEN', undefined],
    ]);
  });
});

describe('a dry run', () => {
  it('shows records of a stored template and of a spec that is not stored', async () => {
    const { records, report } = await test({ id: pointerTemplate, document: document() });
    expect(report.recordsParsed).toBe(6);
    expect(records[0]).toEqual({
      index: 0,
      timestampMs: at(3).getTime(),
      fields: [
        { metricId: metrics['count'], value: '9007199254740993' },
        { metricId: metrics['power'], value: 2.5 },
        { metricId: metrics['state'], value: 'on' },
        { metricId: metrics['isOn'], value: true },
        { metricId: unusedMetric, value: '9007199254740993' },
      ],
    });
    // No metric is looked up, and no window of moments is known.
    expect(records.map(({ index }: { index: number }) => index)).toEqual([0, 1, 4, 5]);
    expect(await test({ format: 'JSON_POINTER', spec: pointerSpec(), document: document() })).toEqual({
      records,
      report,
    });
  });

  it('takes either an id or a spec', async () => {
    const spec = { format: 'JSON_POINTER', spec: pointerSpec() };
    expect(await refusal('testTemplate', { id: pointerTemplate, ...spec, document: {} })).toEqual([
      ['BAD_USER_INPUT', 'input.id'],
    ]);
    expect(await refusal('testTemplate', { format: 'JSON_POINTER', document: {} })).toEqual([
      ['BAD_USER_INPUT', 'input.id'],
    ]);
  });
});

describe('a template', () => {
  const fields = 'id name description target format spec specUnparseable tags revision isDeleted createdBy updatedAt';
  const read = async (id: string, more = '') =>
    (await client.ok(`query ($id: ID!) { template(id: $id) { ${fields} ${more} } }`, { id })).template;

  it('keeps every revision', async () => {
    const id = await createTemplate('JSON_POINTER', pointerSpec());
    const spec = { ...pointerSpec(), recordsPointer: '' };
    await change(client, 'updateTemplate', { id, name: 'Second', spec, tags: ['a'] }, 'template { id }');
    await change(client, 'updateTemplate', { id, description: 'third' }, 'template { id }');
    const more = `revisions(first: 10) { totalCount nodes { revision name description tags spec specUnparseable createdBy } }`;
    const template = await read(id, more);
    expect(template).toMatchObject({ name: 'Second', description: 'third', spec, tags: ['a'], revision: 3 });
    const [first, second, third] = template.revisions.nodes;
    expect(template.revisions.totalCount).toBe(3);
    expect(first).toMatchObject({ revision: 1, name: 'Template', spec: pointerSpec(), tags: [], description: null });
    expect(second).toMatchObject({ revision: 2, name: 'Second', spec, tags: ['a'], description: null });
    expect(third).toMatchObject({ revision: 3, name: 'Second', spec, tags: ['a'], description: 'third' });
  });

  it('is updated at once by many, each with a revision of its own', async () => {
    const id = await createTemplate('JSON_POINTER', pointerSpec());
    const names = Array.from({ length: 5 }, (_, index) => `Name ${index}`);
    await Promise.all(names.map((name) => change(client, 'updateTemplate', { id, name }, 'template { id }')));
    const { revisions } = await read(id, 'revisions(first: 10) { nodes { revision name } }');
    expect(revisions.nodes.map(({ revision }: { revision: number }) => revision).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(revisions.nodes.map(({ name }: { name: string }) => name).sort()).toEqual([...names, 'Template']);
  });

  it('is deleted softly and restored', async () => {
    const id = await createTemplate('JSON_POINTER', pointerSpec());
    const before = await read(id);
    const listed = async (lifecycle: string) =>
      (
        await client.ok(
          `query ($search: String) { templates(first: 10, lifecycle: ${lifecycle}, search: $search, target: THING_DATA,
             format: JSON_POINTER) { totalCount nodes { id } } }`,
          { search: id },
        )
      ).templates;
    expect(await refusal('restoreTemplate', { id })).toEqual([['CONFLICT', undefined]]);
    await change(client, 'deleteTemplate', { id });
    expect(await refusal('deleteTemplate', { id })).toEqual([['CONFLICT', undefined]]);
    expect(await refusal('updateTemplate', { id, name: 'Other' })).toEqual([['CONFLICT', undefined]]);
    expect(await refusal('testTemplate', { id, document: {} })).toEqual([['CONFLICT', undefined]]);
    expect(await refusal('ingestViaTemplate', { thingId, templateId: id, document: {} })).toEqual([
      ['CONFLICT', undefined],
    ]);
    expect(await read(id)).toEqual({ ...before, isDeleted: true });
    expect([await listed('ACTIVE'), await listed('DELETED'), await listed('ALL')]).toEqual([
      { totalCount: 0, nodes: [] },
      { totalCount: 1, nodes: [{ id }] },
      { totalCount: 1, nodes: [{ id }] },
    ]);
    await change(client, 'restoreTemplate', { id }, 'template { id }');
    expect(await read(id)).toEqual({ ...before, updatedAt: expect.any(String) });
    expect((await listed('ACTIVE')).totalCount).toBe(1);
  });

  it('with a spec that cannot be read breaks no list, and can be repaired', async () => {
    const id = await createTemplate('JSON_POINTER', pointerSpec());
    await withAdmin(
      deployment.adminUrl('operational'),
      (sql) => sql`update app.templates set spec = '{"mappings": 5}' where id = ${id}`,
    );
    const { templates } = await client.ok(
      'query ($id: String) { templates(first: 10, search: $id) { nodes { id spec specUnparseable } } }',
      { id },
    );
    expect(templates.nodes).toEqual([{ id, spec: null, specUnparseable: true }]);
    expect(await refusal('testTemplate', { id, document: {} })).toEqual([['CONFLICT', undefined]]);
    const repaired = await change(
      client,
      'updateTemplate',
      { id, spec: pointerSpec() },
      'template { spec specUnparseable }',
    );
    expect(repaired.template).toEqual({ spec: pointerSpec(), specUnparseable: false });
  });

  it('goes on without a metric that is deleted later', async () => {
    const name = 'short';
    const { id: metricId } = await change(client, 'createMetric', {
      name,
      dataType: 'INT',
      defaultAggregation: 'LAST',
    });
    const spec = { ...pointerSpec(), mappings: [{ metricId, pointer: '/x' }] };
    const templateId = await createTemplate('JSON_POINTER', spec);
    await change(client, 'deleteMetric', { id: metricId });
    const report = await ingest(templateId, { data: { items: [{ at: at(1).toISOString(), x: 1 }] } });
    expect(report).toMatchObject({
      readingsWritten: 0,
      metricsSkippedNotOnType: [metricId],
      recordsSkipped: [{ index: 0, reason: 'has no value that fits the thing' }],
    });
    expect(await refusal('updateTemplate', { id: templateId, spec })).toEqual([
      ['BAD_USER_INPUT', 'input.spec.mappings[0].metricId'],
    ]);
  });

  type Bad = { readonly mapping?: object; readonly spec?: object; readonly [field: string]: unknown };
  it.each<[string, Bad, string]>([
    ['no object', { spec: [] as unknown as object }, 'input.spec'],
    ['no mappings', { spec: { timestamp: { pointer: '', format: 'ISO8601' }, mappings: [] } }, 'input.spec.mappings'],
    ['an unknown field', { more: 1 }, 'input.spec'],
    ['an unknown format of time', { timestamp: { pointer: '/a', format: 'UNIX' } }, 'input.spec.timestamp.format'],
    ['no pointer', { timestamp: { pointer: 'at', format: 'ISO8601' } }, 'input.spec.timestamp.pointer'],
    ['a bad escape', { recordsPointer: '/~2' }, 'input.spec.recordsPointer'],
    ['a scale of 0', { mapping: { scale: 0 } }, 'input.spec.mappings[0].scale'],
    ['an inexact offset', { mapping: { offset: 2 ** 60 } }, 'input.spec.mappings[0].offset'],
    ['no metric', { mapping: { metricId: 'mdef_00000000000000000000000000' } }, 'input.spec.mappings[0].metricId'],
    ['a list as default', { mapping: { default: [] } }, 'input.spec.mappings[0].default'],
    ['default and required', { mapping: { default: 1, required: true } }, 'input.spec.mappings[0]'],
    ['a NUL in a default', { mapping: { default: '\0' } }, 'input.spec.mappings[0].default'],
  ])('is refused with %s, by its path', async (_what, { mapping, spec, ...rest }: Bad, field) => {
    const whole = spec ?? {
      timestamp: { pointer: '/at', format: 'ISO8601' },
      mappings: [{ metricId: metrics['count'], pointer: '/count', ...mapping }],
      ...rest,
    };
    const input = { name: 'Bad', target: 'THING_DATA', format: 'JSON_POINTER', spec: whole };
    const [[code, at]] = (await refusal('createTemplate', input)) as [[string, string]];
    expect(code).toBe('BAD_USER_INPUT');
    // What is no object does not come as far as the spec.
    expect([field, 'input']).toContain(at);
  });
});

describe('a JavaScript handler', () => {
  const source = () => `
    const id = ${JSON.stringify(metrics)};
    export default ({ rows }) => rows.map(({ time, count, power, ...rest }) => ({
      timestamp: time,
      metrics: { [id.count]: count, [id.power]: power, [id.state]: null, ...rest },
    }));`;
  let templateId: string;

  beforeAll(async () => {
    templateId = await createTemplate('JAVASCRIPT_HANDLER', { source: source() });
  });

  it('has the same report as pointers', async () => {
    const rows = [
      { time: at(3).getTime(), count: '9007199254740993', power: 1 },
      { time: at(2).toISOString(), count: 2, power: 'much', name: 'x', [unusedMetric]: 1 },
      { time: 'yesterday', count: 3 },
      { time: 1, count: 4 },
    ];
    const outcome = {
      templateId,
      templateRevision: 1,
      templateUpdatedAt: expect.any(String),
      recordsParsed: 4,
      readingsWritten: 2,
      metricValuesWritten: 3,
      recordsSkipped: [
        { index: 2, reason: 'the timestamp is not ISO 8601 text with an offset', value: '"yesterday"' },
        { index: 3, reason: expect.stringContaining('where retention begins'), value: '1' },
      ],
      recordsSkippedOmitted: 0,
      metricsSkippedNotOnType: [unusedMetric],
      fieldsSkippedMissing: [{ metricId: metrics['state'], count: 3 }],
      fieldsInvalid: expect.arrayContaining([
        { metricId: 'name', reason: 'is no id of a metric, mdef_…', count: 1 },
        { metricId: metrics['power'], reason: 'is not a number (the metric is DOUBLE)', count: 1 },
      ]),
      fieldsOmitted: 0,
    };
    const preview = await ingest(templateId, { rows }, { previewOnly: true });
    expect(preview).toEqual({ ...outcome, previewOnly: true });
    expect(await ingest(templateId, { rows })).toEqual({ ...outcome, previewOnly: false });
  });

  it('that fails on a document is reported with what it says', async () => {
    const { report, records } = await test({ id: templateId, document: {} });
    expect(records).toEqual([]);
    expect(report.recordsSkipped).toEqual([
      { index: null, reason: 'the handler threw', value: expect.stringMatching(/^"TypeError: .*handler\.js:3:/) },
    ]);
  });

  it.each([
    ['blank', ' ', 'must not be blank'],
    ['too large', `export default () => 1; //${'x'.repeat(65_536)}`, 'must be at most 64 KiB'],
    ['no JavaScript', 'export default (', 'SyntaxError'],
    ['without a function', 'export const handler = () => 1;', 'no function as default export'],
    ['that loads something', "import 'fs'; export default () => 1;", 'could not load module'],
  ])('%s is refused when it is stored', async (_what, text, reason) => {
    const input = { name: 'Bad', target: 'THING_DATA', format: 'JAVASCRIPT_HANDLER', spec: { source: text } };
    for (const [mutation, fields] of [
      ['createTemplate', input],
      ['updateTemplate', { id: templateId, spec: input.spec }],
    ] as const) {
      const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
      const { errors } = await client.send(
        `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`,
        { input: fields },
      );
      expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining(reason) })]);
      expect(errors[0]!.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.spec.source' });
    }
  });

  it('that will not stop is in nobody else’s way', async () => {
    const other = await deployment.createOrganization('Bystander');
    const source = 'export default () => { const a = new Uint8Array(2e7); for (;;) a.fill(1); };';
    const document =
      'mutation ($input: TestTemplateInput!) { testTemplate(input: $input) { report { recordsSkipped { reason } } } }';
    const input = { format: 'JAVASCRIPT_HANDLER', spec: { source }, document: 1 };
    let isOver = false;
    const stuck = client.ok(document, { input }).finally(() => {
      isOver = true;
    });
    const good = { ...input, spec: { source: 'export default () => [];' } };
    let answers = 0;
    while (!isOver && answers < 5) {
      expect((await other.client.ok(document, { input: good })).testTemplate.report.recordsSkipped).toEqual([]);
      expect((await client.ok('{ me { keyId } }')).me.keyId).toBeDefined();
      answers += 1;
    }
    // One suffices, on a busy machine: in its way nothing would be answered.
    expect(answers).toBeGreaterThan(0);
    expect((await stuck).testTemplate.report.recordsSkipped).toEqual([{ reason: expect.stringContaining('2000 ms') }]);
  });
});
