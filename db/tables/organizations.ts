import { integer, pgSchema, text } from 'drizzle-orm/pg-core';
import { history, orgId } from './columns.js';

/** Schema of the rows of organizations. */
export const app = pgSchema('app');

/** Organizations. */
export const organizations = app.table('organizations', {
  orgId: orgId().primaryKey(),
  name: text('name').notNull(),
  displayName: text('display_name'),
  logoUrl: text('logo_url'),
  primaryColor: text('primary_color'),
  secondaryColor: text('secondary_color'),
  retentionDays: integer('retention_days').notNull().default(365),
  ...history(),
  definitionPurgeDays: integer('definition_purge_days').default(90),
});

/** A row of `app.organizations`. */
export type OrganizationRow = typeof organizations.$inferSelect;
