import { pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, moment, orgId } from './columns.js';

/** The audit log: read through the table, written only by `audit.append`. */
export const auditEntries = pgSchema('audit').table(
  'entries',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    at: moment('at').notNull(),
    actorType: text('actor_type', { enum: ['API_KEY', 'OPERATOR', 'SYSTEM'] }).notNull(),
    actorId: text('actor_id').notNull(),
    action: text('action').notNull(),
    resource: text('resource').notNull(),
    outcome: text('outcome', { enum: ['INTENDED', 'SUCCEEDED', 'REFUSED', 'FAILED'] }).notNull(),
    code: text('code'),
    clientAddress: text('client_address'),
    requestId: text('request_id').notNull(),
    change: text('change').notNull(),
    salt: bytea('salt').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** A row of `audit.entries`. */
export type AuditEntryRow = typeof auditEntries.$inferSelect;
