import { getArgumentValues, getNamedType, isObjectType, type SelectionSetNode } from 'graphql';
import { things } from '../db/tables/things.js';
import { maxThingsOfPlace } from '../domain/telemetry/things-of-place.js';
import { MetricDefinition } from '../model/definitions.js';
import type { Entity } from '../model/entity.js';
import type { Compilation, CompiledRow } from './compilation.js';
import { anyOf, compileByIds, tableSql } from './compile-relation.js';
import { hole, holeEnd, holeStart } from './hole.js';
import { Layout, type Slot } from './layout.js';
import type { SelectedField } from './operation-scope.js';
import { columnSql } from './row.js';
import type { TelemetryField } from './telemetry-field.js';
import { sqlText, Template } from './template.js';
import { Unplannable } from './unplannable.js';

const kinds: Readonly<Record<string, TelemetryField['kind']>> = {
  'Thing.latest': 'latest',
  'Thing.timeseries': 'thingSeries',
  'Thing.recentEvents': 'recentEvents',
  'Site.timeseries': 'placeSeries',
  'Fleet.timeseries': 'placeSeries',
};

/** Whether a field is answered by the telemetry database. */
export function isTelemetry(type: string, field: string): boolean {
  return `${type}.${field}` in kinds;
}

/** A hole for the telemetry of the row: which things, and to which versions of their types they are bound. */
export function compileTelemetry(
  compilation: Compilation,
  typeName: string,
  entity: Entity,
  { row, isSingle }: CompiledRow,
  field: SelectedField,
): Template {
  const { statement } = compilation;
  const kind = kinds[`${typeName}.${field.name}`];
  if (kind === undefined) throw new Unplannable(`${typeName}.${field.name}`);
  // One statement answers the latest readings of all things; series are one statement for each.
  if (kind !== 'latest' && !isSingle) throw new Unplannable(`${field.name} below a list`);
  const layout = layoutOf(compilation, typeOf(field), field.selectionSets);
  const [node] = field.nodes;
  const number = statement.telemetry.push({
    kind,
    layout,
    nodes: field.nodes,
    argumentsOf: (variables) => getArgumentValues(field.definition, node, variables),
  });
  const id = row.column(entity.id);
  if (kind !== 'placeSeries') {
    statement.things.push(row.values(things.id));
    return new Template(`${holeStart}T${number - 1}:`)
      .sql(id)
      .text(':')
      .sql(row.column(things.thingTypeVersionId))
      .text(holeEnd);
  }
  const name = statement.name('things');
  statement.table(
    name,
    `select ${columnSql(things.id)} as id, ${columnSql(things.thingTypeVersionId)} as version_id
     from ${tableSql({ table: things })} where ${columnSql(things.orgId)} = $1::uuid
       and ${columnSql(things.placeId)} = ${anyOf(row.values(entity.id))} order by 1 limit ${maxThingsOfPlace + 1}`,
  );
  statement.things.push(`select id from ${name}`);
  return new Template(`${holeStart}P${number - 1}:`)
    .sql(`(select string_agg(${name}.id || '/' || ${name}.version_id, ',' order by ${name}.id) from ${name})`)
    .text(holeEnd);
}

function typeOf(field: SelectedField): string {
  return getNamedType(field.definition.type).name;
}

const slots: Readonly<Record<string, Slot['kind']>> = {
  at: 'at',
  value: 'value',
  thingId: 'thingId',
  aggregation: 'aggregation',
  points: 'points',
  readings: 'readings',
};

function layoutOf(compilation: Compilation, typeName: string, selectionSets: readonly SelectionSetNode[]): Layout {
  const { scope } = compilation;
  const type = scope.schema.getType(typeName);
  if (!isObjectType(type)) throw new Unplannable(typeName);
  const layout = new Layout().add('{');
  scope.fieldsOf(type, selectionSets).forEach((field, index) => {
    layout.add(`${index === 0 ? '' : ','}"${field.key}":`);
    if (field.name === '__typename') layout.add(`"${typeName}"`);
    else if (field.name === 'metricId') layout.add(({ id }) => JSON.stringify(id));
    else if (field.name === 'metricName') layout.add(({ name }) => JSON.stringify(name));
    else if (field.name === 'metric') addMetric(compilation, typeName, field, layout);
    else layout.slot(slotOf(compilation, typeName, field));
  });
  return layout.add('}');
}

function slotOf(compilation: Compilation, typeName: string, field: SelectedField): Slot {
  const kind = slots[field.name];
  if (kind === undefined) throw new Unplannable(`${typeName}.${field.name}`);
  if (kind !== 'points' && kind !== 'readings') return { kind };
  return { kind, entry: layoutOf(compilation, typeOf(field), field.selectionSets) };
}

/** The definition of a metric: one more column of the metrics that the statement answers. */
function addMetric(compilation: Compilation, typeName: string, field: SelectedField, layout: Layout): void {
  const { statement } = compilation;
  if (compilation.isDenied(typeName, 'metric')) {
    const message = `The key has no scope for ${typeName}.metric`;
    layout.add(statement.error({ code: 'FORBIDDEN', message, nodes: field.nodes }));
    return;
  }
  const name = compileByIds(compilation, 'MetricDefinition', 'select metrics.metric_id from metrics', false, field);
  const message = `The key may not read this ${MetricDefinition.noun}`;
  const missing = statement.error({ code: 'FORBIDDEN', message, nodes: field.nodes });
  const index = statement.metricObjects.length;
  statement.metricObjects.push(
    `coalesce((select ${name}.json from ${name} where ${name}.id = metrics.metric_id), ${sqlText(missing)})`,
  );
  layout.add(({ objects }) => objects[index] ?? hole('X'));
}
