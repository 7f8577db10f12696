import { setTimeout as delay } from 'node:timers/promises';
import { and, asc, desc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import { organizationKeys, type SecretRow, secrets } from '../db/tables/secrets.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { BulkheadError, notFound } from '../errors/bulkhead-error.js';
import { sealSecret } from './seal-secret.js';

/** Secrets of one integration at most. */
export const maxSecretsPerIntegration = 50;

/** Milliseconds between two looks for the key of a new organization. */
const keyPollMs = 100;
/** Milliseconds after which a caller may try again when the key was not there in time. */
const keyRetryAfterMs = 1000;

/** Which secret. */
export interface SecretName {
  readonly integrationId: string;
  /** As `requireSecretName` accepts it. */
  readonly name: string;
}

/** Which secret, and its value. */
export interface SecretValue extends SecretName {
  /** As `requireSecretValue` gives it; not kept. */
  readonly value: Buffer;
}

interface SealingKey {
  readonly version: number;
  readonly publicKey: Buffer;
}

/** All that the role may read: sealed bytes are not among it. */
const metadata = {
  orgId: secrets.orgId,
  integrationId: secrets.integrationId,
  name: secrets.name,
  version: secrets.version,
  createdAt: secrets.createdAt,
  createdBy: secrets.createdBy,
  updatedAt: secrets.updatedAt,
  updatedBy: secrets.updatedBy,
};

/**
 * The vault as the gateway has it: secrets can be put, replaced, deleted and listed by name, and never read. What the
 * identity may write, row-level security decides by its `SECRET/…` scopes; that the integration exists, and that the
 * change is in the audit log, is up to the caller.
 */
export class VaultWriter {
  readonly #database: Database;
  readonly #deployment: string;
  readonly #keyWaitMs: number;

  /**
   * @param database the vault as `bulkhead_vault_writer`
   * @param deployment id of the deployment, part of what sealed bytes are bound to
   * @param keyWaitMs milliseconds for which a change waits for the key of a new organization
   */
  constructor(database: Database, deployment: string, keyWaitMs = 10_000) {
    this.#database = database;
    this.#deployment = deployment;
    this.#keyWaitMs = keyWaitMs;
  }

  /**
   * Puts a new secret and answers the number of its value, 1.
   * @param sinceMs a secret of this name that the same actor has put since then is taken for the one that is asked for: of a
   * request that is sent again, because its process ended before it could answer
   * @throws BulkheadError CONFLICT for a name in use, LIMIT_EXCEEDED at 50 secrets, FORBIDDEN, VAULT_PROVISIONING
   */
  async put(identity: Identity, secret: SecretValue, sinceMs?: number): Promise<number> {
    const key = await this.#sealingKey(identity);
    const sealed = await this.#seal(key, identity, secret, 1);
    await withOrg(this.#database, identity, 'write', async (tx) => {
      if (await hasBeenPut(tx, secret, sinceMs)) return;
      const { integrationId, name } = secret;
      const row = { orgId: tx.orgId, integrationId, name, version: 1, keyVersion: key.version, sealed };
      await tx.db.insert(secrets).values({ ...row, createdBy: identity.actor.id });
    });
    return 1;
  }

  /**
   * Replaces the value of a secret and answers its new number; the sealed bytes before are overwritten.
   * @throws BulkheadError NOT_FOUND, VAULT_PROVISIONING
   */
  async rotate(identity: Identity, secret: SecretValue): Promise<number> {
    const key = await this.#sealingKey(identity);
    return withOrg(this.#database, identity, 'write', async (tx) => {
      const where = selected(tx, secret);
      const [present] = await tx.db.select({ version: secrets.version }).from(secrets).where(where).for('update');
      if (present === undefined) throw notFound('secret');
      const version = present.version + 1;
      const sealed = await this.#seal(key, identity, secret, version);
      await tx.db
        .update(secrets)
        .set({ version, keyVersion: key.version, sealed, updatedAt: sql`now()`, updatedBy: identity.actor.id })
        .where(where);
      return version;
    });
  }

  /**
   * Deletes a secret.
   * @throws BulkheadError NOT_FOUND
   */
  async delete(identity: Identity, secret: SecretName): Promise<void> {
    const rows = await withOrg(this.#database, identity, 'write', (tx) =>
      tx.db.delete(secrets).where(selected(tx, secret)).returning({ name: secrets.name }),
    );
    if (rows.length === 0) throw notFound('secret');
  }

  /** Deletes all secrets of an integration that the identity may write, and answers how many there were. */
  async deleteAll(identity: Identity, integrationId: string): Promise<number> {
    const rows = await withOrg(this.#database, identity, 'write', (tx) =>
      tx.db
        .delete(secrets)
        .where(and(eq(secrets.orgId, tx.orgId), eq(secrets.integrationId, integrationId)))
        .returning({ name: secrets.name }),
    );
    return rows.length;
  }

  /** What is known of the secrets of some integrations, by name; only of those that the identity may read. */
  list(identity: Identity, integrationIds: readonly string[]): Promise<SecretRow[]> {
    return withOrg(this.#database, identity, 'read', (tx) =>
      tx.db
        .select(metadata)
        .from(secrets)
        .where(and(eq(secrets.orgId, tx.orgId), inArray(secrets.integrationId, [...integrationIds])))
        .orderBy(asc(secrets.integrationId), asc(secrets.name)),
    );
  }

  #seal(key: SealingKey, { orgId }: Identity, secret: SecretValue, version: number): Promise<Buffer> {
    const { integrationId, name, value } = secret;
    const place = { deployment: this.#deployment, orgId, integrationId, name, version };
    return sealSecret(key.publicKey, place, value);
  }

  /** The newest public key; the worker makes the first one soon after the organization. */
  async #sealingKey(identity: Identity): Promise<SealingKey> {
    const deadline = Date.now() + this.#keyWaitMs;
    for (;;) {
      const [key] = await withOrg(this.#database, identity, 'read', newestKey);
      if (key !== undefined) return key;
      if (Date.now() >= deadline) {
        const details = { retryAfterMs: keyRetryAfterMs };
        throw new BulkheadError('VAULT_PROVISIONING', 'The vault of the organization is being prepared', details);
      }
      await delay(keyPollMs);
    }
  }
}

function newestKey(tx: OrgTransaction): Promise<SealingKey[]> {
  return tx.db
    .select({ version: organizationKeys.version, publicKey: organizationKeys.publicKey })
    .from(organizationKeys)
    .where(eq(organizationKeys.orgId, tx.orgId))
    .orderBy(desc(organizationKeys.version))
    .limit(1);
}

function selected(tx: OrgTransaction, { integrationId, name }: SecretName): SQL | undefined {
  return and(eq(secrets.orgId, tx.orgId), eq(secrets.integrationId, integrationId), eq(secrets.name, name));
}

/**
 * Whether the actor has put the secret since a moment; refuses one that has no room. Two secrets put at once would each
 * count without the other.
 */
async function hasBeenPut(tx: OrgTransaction, { integrationId, name }: SecretName, sinceMs?: number): Promise<boolean> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${`bulkhead:secrets:${integrationId}`}, 0))`;
  const present = await tx.db
    .select({ name: secrets.name, createdBy: secrets.createdBy, createdAt: secrets.createdAt })
    .from(secrets)
    .where(and(eq(secrets.orgId, tx.orgId), eq(secrets.integrationId, integrationId)));
  const namesake = present.find((row) => row.name === name);
  if (namesake !== undefined) {
    const isOfActor = namesake.createdBy === tx.identity.actor.id;
    if (isOfActor && sinceMs !== undefined && namesake.createdAt.getTime() >= sinceMs) return true;
    throw new BulkheadError('CONFLICT', 'A secret with this name exists: use rotateSecret', { field: 'input.name' });
  }
  if (present.length >= maxSecretsPerIntegration) {
    throw new BulkheadError('LIMIT_EXCEEDED', `The integration has ${maxSecretsPerIntegration} secrets`);
  }
  return false;
}
