import { integer, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { history, moment, orgId, softDelete, textArray } from './columns.js';
import { app } from './organizations.js';

/** Templates: how payloads of third parties become readings. */
export const templates = app.table(
  'templates',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    target: text('target', { enum: ['THING_DATA'] }).notNull(),
    format: text('format', { enum: ['JSON_POINTER', 'JAVASCRIPT_HANDLER'] }).notNull(),
    spec: jsonb('spec').$type<unknown>().notNull(),
    tags: textArray('tags').notNull().default([]),
    revision: integer('revision').notNull().default(1),
    ...softDelete(),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** What a template said at each of its revisions. */
export const templateRevisions = app.table(
  'template_revisions',
  {
    orgId: orgId(),
    id: uuid('id').notNull(),
    templateId: uuid('template_id').notNull(),
    target: text('target').notNull(),
    format: text('format', { enum: ['JSON_POINTER', 'JAVASCRIPT_HANDLER'] }).notNull(),
    revision: integer('revision').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    spec: jsonb('spec').$type<unknown>().notNull(),
    tags: textArray('tags').notNull().default([]),
    createdAt: moment('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** A row of `app.templates`. */
export type TemplateRow = typeof templates.$inferSelect;
/** A row of `app.template_revisions`. */
export type TemplateRevisionRow = typeof templateRevisions.$inferSelect;
