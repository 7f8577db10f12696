import { boolean, integer, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment, orgId } from './columns.js';
import { app } from './organizations.js';
import type { Attributes } from './places.js';

/** The integration that a row belongs to, with what its path is made of. */
const integration = () => ({
  orgId: orgId(),
  id: uuid('id').notNull(),
  type: text('type').notNull(),
  integrationId: uuid('integration_id').notNull(),
});

/** Which thing or place a third party means by an id of its own. */
export const resourceMappings = app.table(
  'resource_mappings',
  {
    ...integration(),
    direction: text('direction', { enum: ['INGRESS', 'EGRESS'] }).notNull(),
    thirdPartyId: text('third_party_id'),
    resourceThirdPartyId: text('resource_third_party_id').notNull(),
    resourceType: text('resource_type').notNull(),
    thingId: uuid('thing_id'),
    placeId: uuid('place_id'),
    metadata: jsonb('metadata').$type<Attributes>().notNull().default({}),
    createdAt: moment('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Events on their way to third parties, and the log of them; the gateway may not read `body`. */
export const deliveries = app.table(
  'deliveries',
  {
    ...integration(),
    direction: text('direction').notNull().default('EGRESS'),
    eventType: text('event_type').notNull(),
    isTest: boolean('is_test').notNull().default(false),
    status: text('status', { enum: ['PENDING', 'DELIVERED', 'FAILED'] }).notNull(),
    body: text('body'),
    attempts: integer('attempts').notNull().default(0),
    httpStatus: integer('http_status'),
    failure: text('failure'),
    dueAt: moment('due_at'),
    lastAttemptAt: moment('last_attempt_at'),
    finishedAt: moment('finished_at'),
    createdAt: moment('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Events that third parties have sent and signed. */
export const inboundEvents = app.table(
  'inbound_events',
  {
    ...integration(),
    direction: text('direction').notNull().default('INGRESS'),
    eventId: text('event_id').notNull(),
    status: text('status', { enum: ['PENDING', 'RECEIVED', 'APPLIED', 'FAILED'] }).notNull(),
    body: bytea('body'),
    attempts: integer('attempts').notNull().default(0),
    report: jsonb('report').$type<unknown>(),
    failure: text('failure'),
    dueAt: moment('due_at'),
    finishedAt: moment('finished_at'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Posts to hooks that wait for their verdict: for the worker alone. */
export const hookPosts = app.table(
  'hook_posts',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    integrationId: uuid('integration_id').notNull(),
    clientAddress: text('client_address').notNull(),
    headers: jsonb('headers').$type<Readonly<Record<string, string>>>().notNull(),
    body: bytea('body').notNull(),
    verdict: text('verdict', { enum: ['ACCEPTED', 'REFUSED', 'LIMITED'] }),
    retryAfterMs: integer('retry_after_ms'),
    dueAt: moment('due_at').defaultNow(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** A row of `app.resource_mappings`. */
export type ResourceMappingRow = typeof resourceMappings.$inferSelect;
/** What the gateway may read of a row of `app.deliveries`. */
export type DeliveryRow = Omit<typeof deliveries.$inferSelect, 'body'>;
/** What the gateway may read of a row of `app.inbound_events`. */
export type InboundEventRow = Omit<typeof inboundEvents.$inferSelect, 'body'>;
