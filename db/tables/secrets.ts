import { integer, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, history, moment, orgId } from './columns.js';

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

/** Key pairs of organizations; the gateway may not read `wrappedPrivateKey`. */
export const organizationKeys = vault.table(
  'organization_keys',
  {
    orgId: orgId(),
    version: integer('version').notNull(),
    publicKey: bytea('public_key').notNull(),
    wrappedPrivateKey: bytea('wrapped_private_key').notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.version] })],
);

/** A row of `vault.organization_keys`. */
export type OrganizationKeyRow = typeof organizationKeys.$inferSelect;

/** A row of `vault.secrets`, as only the worker reads it. */
export type SealedSecretRow = typeof secrets.$inferSelect;
