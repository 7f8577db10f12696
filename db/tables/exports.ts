import { bigint, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { moment, orgId } from './columns.js';
import { app } from './organizations.js';

/** Archives of organizations: who asked for one, how far it is, until when it can be fetched. */
export const exports = app.table(
  'exports',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    state: text('state', {
      enum: ['REQUESTED', 'RUNNING', 'READY', 'DOWNLOADED', 'FAILED', 'CANCELLED', 'EXPIRED'],
    })
      .notNull()
      .default('REQUESTED'),
    recipient: text('recipient').notNull(),
    lifeHours: integer('life_hours').notNull(),
    attempts: integer('attempts').notNull().default(0),
    tablesDone: integer('tables_done').notNull().default(0),
    tablesTotal: integer('tables_total').notNull().default(0),
    rowsWritten: bigint('rows_written', { mode: 'number' }).notNull().default(0),
    bytesWritten: bigint('bytes_written', { mode: 'number' }).notNull().default(0),
    failure: text('failure'),
    archiveBytes: bigint('archive_bytes', { mode: 'number' }),
    archiveSha256: text('archive_sha256'),
    readyAt: moment('ready_at'),
    expiresAt: moment('expires_at'),
    downloadId: uuid('download_id'),
    claimedUntil: moment('claimed_until'),
    downloadsBegun: integer('downloads_begun').notNull().default(0),
    endedAt: moment('ended_at'),
    createdAt: moment('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** A row of `app.exports`. */
export type ExportRow = typeof exports.$inferSelect;
