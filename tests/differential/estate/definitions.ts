import { change } from '../../isolation/seed.js';
import type { GraphqlClient } from '../../support/graphql-client.js';

/** Definitions of an estate. */
export interface Definitions {
  /** In the order of `metricInputs`. */
  readonly metrics: readonly string[];
  readonly thingTypes: readonly string[];
  readonly thingTypeVersions: readonly string[];
  /** Versions by type, oldest first, in the order of `thingTypes`. */
  readonly versionsOfTypes: readonly (readonly string[])[];
  /** Soft-deletes a metric that bound things report, a metric that nothing reports, and a type that has things. */
  deleteSome(): Promise<void>;
}

/** Metrics of every estate: each data type, and names that meet each other in search and in case. */
export const metricInputs = [
  {
    name: 'Power',
    dataType: 'DOUBLE',
    defaultAggregation: 'AVG',
    unitLabel: 'kW',
    displayName: 'Leistung ⚡',
    tags: ['a', 'b"c'],
  },
  { name: 'energy_total', dataType: 'DOUBLE', defaultAggregation: 'SUM', description: 'Über\nzwei Zeilen' },
  { name: 'count', dataType: 'INT', defaultAggregation: 'SUM' },
  {
    name: 'state',
    dataType: 'INT',
    defaultAggregation: 'LAST',
    enumValues: [
      { code: '10', label: 'Charging' },
      { code: '2', label: 'Idle "now"' },
    ],
  },
  { name: 'mode', dataType: 'STRING', defaultAggregation: 'LAST' },
  { name: 'online', dataType: 'BOOL', defaultAggregation: 'FIRST' },
  { name: 'report', dataType: 'JSON', defaultAggregation: 'LAST' },
  { name: 'resets', dataType: 'INT', defaultAggregation: 'COUNT', displayName: '100%_sure\\' },
  { name: 'retired', dataType: 'DOUBLE', defaultAggregation: 'FIRST' },
  { name: 'unused', dataType: 'STRING', defaultAggregation: 'COUNT' },
] as const;

const propertyDefinitions = [
  {
    name: 'serial',
    valueType: 'STRING',
    description: 'Serial "number"',
    constraints: { maxLength: 20, pattern: '^[A-Z0-9-]+$' },
  },
  { name: 'size', valueType: 'DOUBLE', unit: 'm²', constraints: { min: 0.1, max: 1e21 } },
  { name: 'mount', valueType: 'ENUM', constraints: { oneOf: ['wall', 'floor'] } },
  { name: 'note', valueType: 'JSON' },
];

/** Makes metrics, types and versions. */
export async function fillDefinitions(client: GraphqlClient): Promise<Definitions> {
  const metrics: string[] = [];
  for (const input of metricInputs) metrics.push((await change(client, 'createMetric', input)).id);
  const pick = (...names: (typeof metricInputs)[number]['name'][]) =>
    names.map((name) => metrics[metricInputs.findIndex((input) => input.name === name)]);

  const thingTypes: string[] = [];
  const versionsOfTypes: string[][] = [];
  const type = async (input: object, ...furtherVersions: object[]) => {
    const { id, versionId } = await change(client, 'createThingType', input, 'id versionId');
    const versions = [versionId as string];
    for (const further of furtherVersions) {
      versions.push((await change(client, 'createThingTypeVersion', { typeId: id, ...further })).id);
    }
    thingTypes.push(id);
    versionsOfTypes.push(versions);
  };
  await type(
    {
      displayName: 'Battery',
      description: 'Stores "energy" \\ power',
      metricIds: pick('Power', 'count', 'mode', 'online', 'report', 'state'),
      propertyDefinitions,
      modelMetadata: { '2': 'two', '1': { b: [1, null, -0.5], a: 0.1 }, '': 'empty', maker: 'Zoë' },
      tags: ['x', 'y'],
      defaultIconUrl: 'https://example.com/icon.png?x="y"',
    },
    { metricIds: pick('report', 'Power', 'energy_total', 'resets'), modelMetadata: [1, 'two', { three: 3 }] },
    { metricIds: pick('energy_total', 'Power'), description: null, tags: null, propertyDefinitions: [] },
  );
  await type(
    { displayName: 'Charger %', metricIds: pick('retired', 'Power'), allowedSubDefinitionIds: [thingTypes[0]] },
    { metricIds: pick('Power', 'count') },
  );
  await type({ displayName: 'Empty_type', metricIds: pick('count') });
  await type({ displayName: 'Doomed', metricIds: pick('mode', 'energy_total'), tags: ['old'] });
  await type({ displayName: 'Ænima żółć', metricIds: pick('state', 'resets', 'online'), propertyDefinitions });

  const deleteSome = async () => {
    for (const id of pick('retired', 'unused')) await change(client, 'deleteMetric', { id });
    await change(client, 'deleteThingType', { id: thingTypes[3] });
  };
  return { metrics, thingTypes, versionsOfTypes, thingTypeVersions: versionsOfTypes.flat(), deleteSome };
}
