import DataLoader from 'dataloader';
import { and, eq, getTableColumns, inArray } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import type { SecretRow } from '../db/tables/secrets.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { type OpenThings, openThings } from '../domain/telemetry/open-things.js';
import { requireHandle } from '../domain/telemetry/require-handle.js';
import type { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import type { Entity, IdsField, OrgTable } from '../model/entity.js';
import { type LatestOfThing, latestValues } from '../telemetry/latest.js';
import type { VaultWriter } from '../vault/vault-writer.js';

/** A row as drizzle gives it. */
type Row = Readonly<Record<string, unknown>>;

/** Rows of related nouns, batched and remembered for one request. */
export interface Loaders {
  /** Rows of an entity by id; undefined for one that is not visible. */
  rowOf<R = Row>(entity: Entity): DataLoader<string, R | undefined>;
  /** Ids that a linking table has for a row. */
  idsOf(field: IdsField): DataLoader<string, readonly string[]>;
  /** Rows of an entity that name a row, by id. */
  rowsOf(entity: Entity, owner: PgColumn): DataLoader<string, readonly Row[]>;
  /** The telemetry of things, opened together. */
  readonly openThing: DataLoader<string, OpenThings>;
  readonly latestOfThing: DataLoader<string, LatestOfThing>;
  /** What is known of the secrets of an integration, by name. */
  readonly secretsOfIntegration: DataLoader<string, readonly SecretRow[]>;
  /** Forgets everything: after a change. */
  clear(): void;
}

/** The loaders of one request, and so of one organization and one key: what they remember never outlives either. */
export function createLoaders(
  database: Database,
  telemetry: TelemetryService,
  identity: Identity,
  vault: VaultWriter,
): Loaders {
  return new RequestLoaders(database, telemetry, identity, vault);
}

class RequestLoaders implements Loaders {
  readonly #database: Database;
  readonly #telemetry: TelemetryService;
  readonly #identity: Identity;
  readonly #vault: VaultWriter;
  /** By the part of the model that it reads, or by name; each is made when it is first asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: loaders of every kind of row
  readonly #loaders = new Map<unknown, DataLoader<string, any>>();

  constructor(database: Database, telemetry: TelemetryService, identity: Identity, vault: VaultWriter) {
    this.#database = database;
    this.#telemetry = telemetry;
    this.#identity = identity;
    this.#vault = vault;
  }

  rowOf<R = Row>(entity: Entity): DataLoader<string, R | undefined> {
    const id = propertyOf(entity.table, entity.id);
    return this.#loader(entity.table, async (ids) => {
      const found = await this.#select(entity.table, entity.id, ids, entity.id);
      const rows = new Map(found.map((row) => [row[id], row]));
      return ids.map((each) => rows.get(each) as R | undefined);
    });
  }

  idsOf(field: IdsField): DataLoader<string, readonly string[]> {
    const value = propertyOf(field.table, field.value);
    return this.#loader(field, async (ids) => {
      const groups = await this.#grouped(field.table, field.owner, ids, field.order);
      return groups.map((rows) => rows.map((row) => row[value] as string));
    });
  }

  rowsOf(entity: Entity, owner: PgColumn): DataLoader<string, readonly Row[]> {
    return this.#loader(owner, (ids) => this.#grouped(entity.table, owner, ids, entity.id));
  }

  get openThing(): DataLoader<string, OpenThings> {
    return this.#loader('openThing', async (ids) => {
      const open = await this.#read((tx) =>
        openThings(
          tx,
          ids.map((id) => ({ id })),
        ),
      );
      return ids.map(() => open);
    });
  }

  get latestOfThing(): DataLoader<string, LatestOfThing> {
    return this.#loader('latestOfThing', async (ids) => {
      // Some may have been opened before, for another field, and the others by themselves.
      const opens = await Promise.all(ids.map(async (id) => ({ id, open: await this.openThing.load(id) })));
      const handles = opens.map(({ id, open }) => requireHandle(open, id));
      const open = opens.map((each) => each.open).reduce((one, other) => (other.nowMs > one.nowMs ? other : one));
      return this.#telemetry.use(this.#identity, open, (opened) => latestValues(opened, handles, open.oldestMs));
    });
  }

  get secretsOfIntegration(): DataLoader<string, readonly SecretRow[]> {
    return this.#loader('secretsOfIntegration', async (ids) => {
      const rows = await this.#vault.list(this.#identity, ids);
      return ids.map((id) => rows.filter((row) => row.integrationId === id));
    });
  }

  clear(): void {
    for (const loader of this.#loaders.values()) loader.clearAll();
  }

  #loader<Value>(
    key: unknown,
    load: (ids: readonly string[]) => Promise<readonly (Value | Error)[]>,
  ): DataLoader<string, Value> {
    let loader = this.#loaders.get(key);
    if (loader === undefined) {
      loader = new DataLoader(load);
      this.#loaders.set(key, loader);
    }
    return loader;
  }

  #read<T>(work: (tx: OrgTransaction) => Promise<T>): Promise<T> {
    return withOrg(this.#database, this.#identity, 'read', work);
  }

  #select(table: OrgTable, column: PgColumn, keys: readonly string[], order: PgColumn): Promise<Row[]> {
    return this.#read((tx) =>
      tx.db
        .select()
        .from(table as PgTable)
        .where(and(eq(table.orgId, this.#identity.orgId), inArray(column, [...keys])))
        .orderBy(order),
    );
  }

  /** The rows that name each of the owners, in order. */
  async #grouped(table: OrgTable, owner: PgColumn, ids: readonly string[], order: PgColumn): Promise<Row[][]> {
    const groups = new Map<unknown, Row[]>(ids.map((id) => [id, []]));
    const name = propertyOf(table, owner);
    for (const row of await this.#select(table, owner, ids, order)) groups.get(row[name])?.push(row);
    return ids.map((id) => groups.get(id) ?? []);
  }
}

/** The name under which drizzle gives a column of a table. */
function propertyOf(table: OrgTable, column: PgColumn): string {
  const [name] = Object.entries(getTableColumns(table as PgTable)).find(([, each]) => each === column) ?? [];
  if (name === undefined) throw new Error(`${column.name} is no column of the table`);
  return name;
}
