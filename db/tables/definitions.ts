import { integer, jsonb, primaryKey, text } from 'drizzle-orm/pg-core';
import { history, orgId, softDelete, textArray } from './columns.js';
import { app } from './organizations.js';

/** Meaning of a code of an INT metric; the code is a 64-bit integer as decimal text. */
export interface EnumValue {
  readonly code: string;
  readonly label: string;
}

/** Type of the values of a property. */
export type PropertyValueType = 'STRING' | 'INT' | 'DOUBLE' | 'BOOL' | 'JSON' | 'DATETIME' | 'ENUM';

/** Rules that values of a property obey. */
export interface PropertyConstraints {
  readonly required: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly oneOf?: readonly string[];
}

/** A typed property that things of a version may carry. */
export interface PropertyDefinition {
  readonly name: string;
  readonly valueType: PropertyValueType;
  readonly description?: string;
  readonly unit?: string;
  readonly constraints: PropertyConstraints;
}

/** Metric definitions. */
export const metricDefinitions = app.table(
  'metric_definitions',
  {
    orgId: orgId(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    dataType: text('data_type', { enum: ['INT', 'DOUBLE', 'STRING', 'BOOL', 'JSON'] }).notNull(),
    defaultAggregation: text('default_aggregation', { enum: ['FIRST', 'LAST', 'AVG', 'SUM', 'COUNT'] }).notNull(),
    displayName: text('display_name'),
    description: text('description'),
    unitLabel: text('unit_label'),
    tags: textArray('tags').notNull().default([]),
    enumValues: jsonb('enum_values').$type<readonly EnumValue[]>(),
    ...softDelete(),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Thing types: the stable identity that points to versions. */
export const thingTypes = app.table(
  'thing_types',
  {
    orgId: orgId(),
    id: text('id').notNull(),
    displayName: text('display_name').notNull(),
    description: text('description'),
    defaultImageUrl: text('default_image_url'),
    defaultIconUrl: text('default_icon_url'),
    latestVersionId: text('latest_version_id').notNull(),
    latestVersionNumber: integer('latest_version_number').notNull(),
    ...softDelete(),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Versions of thing types. */
export const thingTypeVersions = app.table(
  'thing_type_versions',
  {
    orgId: orgId(),
    id: text('id').notNull(),
    thingTypeId: text('thing_type_id').notNull(),
    version: integer('version').notNull(),
    displayName: text('display_name').notNull(),
    description: text('description'),
    tags: textArray('tags').notNull().default([]),
    modelMetadata: jsonb('model_metadata').$type<unknown>(),
    propertyDefinitions: jsonb('property_definitions').$type<readonly PropertyDefinition[]>().notNull().default([]),
    allowedSubDefinitionIds: textArray('allowed_sub_definition_ids').notNull().default([]),
    deletedMetricIds: textArray('deleted_metric_ids').notNull().default([]),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** The ordered metrics of each version. */
export const thingTypeMetrics = app.table(
  'thing_type_metrics',
  {
    orgId: orgId(),
    thingTypeId: text('thing_type_id').notNull(),
    versionId: text('version_id').notNull(),
    metricId: text('metric_id').notNull(),
    position: integer('position').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.versionId, table.metricId] })],
);

/** A row of `app.metric_definitions`. */
export type MetricDefinitionRow = typeof metricDefinitions.$inferSelect;
/** A row of `app.thing_types`. */
export type ThingTypeRow = typeof thingTypes.$inferSelect;
/** A row of `app.thing_type_versions`. */
export type ThingTypeVersionRow = typeof thingTypeVersions.$inferSelect;
