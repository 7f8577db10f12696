import DataLoader from 'dataloader';
import { and, eq, inArray } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Identity } from '../auth/identity.js';
import type { Database } from '../db/database.js';
import {
  type MetricDefinitionRow,
  metricDefinitions,
  type ThingTypeRow,
  type ThingTypeVersionRow,
  thingTypeMetrics,
  thingTypes,
  thingTypeVersions,
} from '../db/tables/definitions.js';
import {
  type LevelRow,
  type LevelTypeRow,
  levelGroupMembers,
  levels,
  levelTypeParents,
  levelTypes,
  type PlaceRow,
  places,
} from '../db/tables/places.js';
import type { SecretRow } from '../db/tables/secrets.js';
import { thingIntegrations } from '../db/tables/things.js';
import { type OrgTransaction, withOrg } from '../db/with-org.js';
import { type OpenThings, openThings } from '../domain/telemetry/open-things.js';
import { requireHandle } from '../domain/telemetry/require-handle.js';
import type { TelemetryService } from '../domain/telemetry/telemetry-service.js';
import { type LatestOfThing, latestValues } from '../telemetry/latest.js';
import type { VaultWriter } from '../vault/vault-writer.js';

/** Rows of related nouns, batched and remembered for one request. */
export interface Loaders {
  readonly place: DataLoader<string, PlaceRow | undefined>;
  readonly level: DataLoader<string, LevelRow | undefined>;
  readonly levelType: DataLoader<string, LevelTypeRow | undefined>;
  readonly levelTypesOfSite: DataLoader<string, readonly LevelTypeRow[]>;
  readonly parentTypeIdsOfLevelType: DataLoader<string, readonly string[]>;
  readonly levelIdsOfGroup: DataLoader<string, readonly string[]>;
  readonly thingType: DataLoader<string, ThingTypeRow | undefined>;
  readonly thingTypeVersion: DataLoader<string, ThingTypeVersionRow | undefined>;
  readonly metric: DataLoader<string, MetricDefinitionRow | undefined>;
  readonly metricIdsOfVersion: DataLoader<string, readonly string[]>;
  readonly integrationIdsOfThing: DataLoader<string, readonly string[]>;
  /** The telemetry of things, opened together. */
  readonly openThing: DataLoader<string, OpenThings>;
  readonly latestOfThing: DataLoader<string, LatestOfThing>;
  /** What is known of the secrets of an integration, by name. */
  readonly secretsOfIntegration: DataLoader<string, readonly SecretRow[]>;
  /** Forgets everything: after a change. */
  clear(): void;
}

type OrgTable = PgTable & { readonly orgId: PgColumn };

/**
 * The loaders of one request, and so of one organization and one key: what they remember never outlives either.
 */
export function createLoaders(
  database: Database,
  telemetry: TelemetryService,
  identity: Identity,
  vault: VaultWriter,
): Loaders {
  const read = <T>(work: (tx: OrgTransaction) => Promise<T>) => withOrg(database, identity, 'read', work);

  const select = <Row>(table: OrgTable, column: PgColumn, keys: readonly string[], order: PgColumn) =>
    read(async (tx) => {
      const rows = await tx.db
        .select()
        .from(table as PgTable)
        .where(and(eq(table.orgId, identity.orgId), inArray(column, [...keys])))
        .orderBy(order);
      return rows as unknown as Row[];
    });

  const byId = <Row extends { readonly id: string }>(table: OrgTable & { readonly id: PgColumn }) =>
    new DataLoader<string, Row | undefined>(async (ids) => {
      const rows = new Map((await select<Row>(table, table.id, ids, table.id)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id));
    });

  const manyBy = <Row, Value>(
    table: OrgTable,
    column: PgColumn,
    order: PgColumn,
    keyOf: (row: Row) => string,
    pick: (row: Row) => Value,
  ) =>
    new DataLoader<string, readonly Value[]>(async (keys) => {
      const groups = new Map<string, Value[]>(keys.map((key) => [key, []]));
      for (const row of await select<Row>(table, column, keys, order)) groups.get(keyOf(row))?.push(pick(row));
      return keys.map((key) => groups.get(key) ?? []);
    });

  const loaders = {
    place: byId<PlaceRow>(places),
    level: byId<LevelRow>(levels),
    levelType: byId<LevelTypeRow>(levelTypes),
    levelTypesOfSite: manyBy(
      levelTypes,
      levelTypes.siteId,
      levelTypes.id,
      (row: LevelTypeRow) => row.siteId,
      (row) => row,
    ),
    parentTypeIdsOfLevelType: manyBy(
      levelTypeParents,
      levelTypeParents.levelTypeId,
      levelTypeParents.parentTypeId,
      (row: typeof levelTypeParents.$inferSelect) => row.levelTypeId,
      (row) => row.parentTypeId,
    ),
    levelIdsOfGroup: manyBy(
      levelGroupMembers,
      levelGroupMembers.levelGroupId,
      levelGroupMembers.levelId,
      (row: typeof levelGroupMembers.$inferSelect) => row.levelGroupId,
      (row) => row.levelId,
    ),
    thingType: byId<ThingTypeRow>(thingTypes),
    thingTypeVersion: byId<ThingTypeVersionRow>(thingTypeVersions),
    metric: byId<MetricDefinitionRow>(metricDefinitions),
    metricIdsOfVersion: manyBy(
      thingTypeMetrics,
      thingTypeMetrics.versionId,
      thingTypeMetrics.position,
      (row: typeof thingTypeMetrics.$inferSelect) => row.versionId,
      (row) => row.metricId,
    ),
    integrationIdsOfThing: manyBy(
      thingIntegrations,
      thingIntegrations.thingId,
      thingIntegrations.integrationId,
      (row: typeof thingIntegrations.$inferSelect) => row.thingId,
      (row) => row.integrationId,
    ),
  };
  const openThing = new DataLoader<string, OpenThings>(async (ids) => {
    const open = await read((tx) =>
      openThings(
        tx,
        ids.map((id) => ({ id })),
      ),
    );
    return ids.map(() => open);
  });
  const latestOfThing = new DataLoader<string, LatestOfThing>(async (ids) => {
    const [open] = await openThing.loadMany(ids);
    if (open === undefined || open instanceof Error) throw open ?? new Error('no things');
    const handles = ids.map((id) => requireHandle(open, id));
    return telemetry.use(identity, open, (opened) => latestValues(opened, handles, open.oldestMs));
  });
  const secretsOfIntegration = new DataLoader<string, readonly SecretRow[]>(async (ids) => {
    const rows = await vault.list(identity, ids);
    return ids.map((id) => rows.filter((row) => row.integrationId === id));
  });
  const all = { ...loaders, openThing, latestOfThing, secretsOfIntegration };
  const clear = () => {
    for (const loader of Object.values(all)) loader.clearAll();
  };
  return { ...all, clear };
}
