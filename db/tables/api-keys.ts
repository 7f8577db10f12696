import { bigint, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, history, moment, orgId, textArray } from './columns.js';
import { app } from './organizations.js';

/** A scope as it is stored: action and canonical resource filter. */
export interface StoredScope {
  readonly action: string;
  readonly resourceFilter: string;
}

/** API keys, without their secrets. */
export const apiKeys = app.table(
  'api_keys',
  {
    orgId: orgId(),
    id: text('id').notNull(),
    type: text('type', { enum: ['EXTERNAL', 'ADMIN'] }).notNull(),
    name: text('name').notNull(),
    scopes: jsonb('scopes').$type<readonly StoredScope[]>().notNull(),
    allowedCidrs: textArray('allowed_cidrs').notNull().default([]),
    expiresAt: moment('expires_at'),
    revokedAt: moment('revoked_at'),
    revokedBy: text('revoked_by'),
    lastUsedAt: moment('last_used_at'),
    rotatedAt: moment('rotated_at'),
    revision: bigint('revision', { mode: 'number' }).notNull().default(1),
    ...history(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.id] })],
);

/** Hashes of the secrets of API keys: the gateway writes them and cannot read them. */
export const apiKeySecrets = app.table(
  'api_key_secrets',
  {
    orgId: orgId(),
    keyId: text('key_id').notNull(),
    id: uuid('id').notNull(),
    secretHash: bytea('secret_hash').notNull(),
    validUntil: moment('valid_until'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.keyId, table.id] })],
);

/** State of a key, by the clock of the database. */
export type ApiKeyStatus = 'ACTIVE' | 'EXPIRED' | 'REVOKED';

/** A row of `app.api_keys`, with the state that it was in when it was read (`apiKeyColumns`). */
export type ApiKeyRow = typeof apiKeys.$inferSelect & { readonly status: ApiKeyStatus };
