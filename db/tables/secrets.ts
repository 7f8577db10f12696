import { integer, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, history, orgId } from './columns.js';

/** Schema of the vault, in its own database. */
const vault = pgSchema('vault');

/** Sealed secrets of integrations; the gateway may not read `sealed`. */
export const secrets = vault.table(
  'secrets',
  {
    orgId: orgId(),
    integrationId: uuid('integration_id').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    keyVersion: integer('key_version').notNull(),
    sealed: bytea('sealed').notNull(),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.integrationId, table.name] })],
);

/** What the gateway may read of a secret: everything but its sealed value. */
export type SecretRow = Omit<typeof secrets.$inferSelect, 'sealed' | 'keyVersion'>;
