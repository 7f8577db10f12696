import { boolean, doublePrecision, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { history, orgId } from './columns.js';
import { app } from './organizations.js';
import type { Attributes } from './places.js';

/** A thing or place that an integration is for. */
export interface IntegrationResource {
  /** Canonical path. */
  readonly path: string;
  readonly metadata: Attributes;
}

/** Integrations, without their secrets. */
export const integrations = app.table(
  'integrations',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    direction: text('direction', { enum: ['INGRESS', 'EGRESS'] }).notNull(),
    type: text('type').notNull(),
    isEnabled: boolean('is_enabled').notNull().default(true),
    properties: jsonb('properties').$type<Readonly<Record<string, readonly string[]>>>().notNull().default({}),
    resources: jsonb('resources').$type<readonly IntegrationResource[]>().notNull().default([]),
    metadata: jsonb('metadata').$type<Attributes>().notNull().default({}),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Things. */
export const things = app.table(
  'things',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    placeType: text('place_type', { enum: ['Site', 'Fleet'] }).notNull(),
    placeId: uuid('place_id').notNull(),
    levelId: uuid('level_id'),
    thingTypeId: text('thing_type_id').notNull(),
    thingTypeVersionId: text('thing_type_version_id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    address: text('address'),
    model: text('model'),
    manufacturer: text('manufacturer'),
    manufacturerId: text('manufacturer_id'),
    isFirstParty: boolean('is_first_party').notNull().default(false),
    isSimulated: boolean('is_simulated').notNull().default(false),
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    altitude: doublePrecision('altitude'),
    attributes: jsonb('attributes').$type<Attributes>().notNull().default({}),
    properties: jsonb('properties').$type<Readonly<Record<string, unknown>>>().notNull().default({}),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Integrations that things take part in. */
export const thingIntegrations = app.table(
  'thing_integrations',
  {
    orgId: orgId(),
    thingId: uuid('thing_id').notNull(),
    integrationId: uuid('integration_id').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.thingId, table.integrationId] })],
);

/** A row of `app.integrations`. */
export type IntegrationRow = typeof integrations.$inferSelect;
/** A row of `app.things`. */
export type ThingRow = typeof things.$inferSelect;
