import { and, asc, eq, inArray, sql as statement } from 'drizzle-orm';
import { doublePrecision, pgSchema, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import {
  metricDefinitions,
  thingTypeMetrics,
  thingTypes,
  thingTypeVersions,
} from '../../../dist/db/tables/definitions.js';
import { places } from '../../../dist/db/tables/places.js';
import { things as thingTable } from '../../../dist/db/tables/things.js';
import { openLanes } from './lanes.mjs';
import { signContext } from './product.mjs';
import { byId, groupBy } from './resolvers.mjs';
import { openTelemetryPools } from './telemetry-pools.mjs';

const telemetry = pgSchema('telemetry');
const valueColumns = {
  thingId: uuid('thing_id').notNull(),
  metricId: text('metric_id').notNull(),
  at: timestamp('at', { withTimezone: true, mode: 'date' }).notNull(),
  value: doublePrecision('double_value'),
};
const latestTable = telemetry.table('latest', valueColumns);
const readingTable = telemetry.table('readings', valueColumns);

const asThing = ({ thingTypeId, thingTypeVersionId, createdAt, ...thing }) => ({
  ...thing,
  typeId: thingTypeId,
  typeVersionId: thingTypeVersionId,
  createdAt: createdAt.toISOString(),
});

/** What one writes first: drizzle, whole rows, a transaction for each batch, step after step. */
export async function openStraightforwardLayer(configuration) {
  const { contextKey } = configuration;
  const lanes = await openLanes(configuration);
  const telemetryOf = openTelemetryPools(configuration);
  const drizzled = new Map();
  const telemetryDatabase = (orgId) => {
    if (!drizzled.has(orgId)) drizzled.set(orgId, drizzle(telemetryOf(orgId)));
    return drizzled.get(orgId);
  };

  return (identity) => {
    const { orgId } = identity;
    const transaction = async (purpose, work) => {
      const lane = lanes.pick();
      lane.load += 1;
      lane.db ??= drizzle(lane.sql);
      try {
        return await lane.db.transaction(async (tx) => {
          await tx.execute(statement`select app.enter(${signContext(contextKey, identity, purpose, lane.pid)})`);
          return work(tx);
        });
      } finally {
        lane.load -= 1;
      }
    };
    const rowsOf = (table, column, ids) =>
      transaction('read', (tx) =>
        tx
          .select()
          .from(table)
          .where(and(eq(table.orgId, orgId), inArray(column, [...ids]))),
      );
    return {
      things: async (count) => {
        const rows = await transaction('read', (tx) =>
          tx.select().from(thingTable).where(eq(thingTable.orgId, orgId)).orderBy(asc(thingTable.id)).limit(count),
        );
        return rows.map(asThing);
      },
      thing: async (id) => {
        const [row] = await rowsOf(thingTable, thingTable.id, [id]);
        return row === undefined ? null : asThing(row);
      },
      update: ({ id, name }) =>
        transaction('write', async (tx) => {
          const own = and(eq(thingTable.orgId, orgId), eq(thingTable.id, id));
          const [before] = await tx.select().from(thingTable).where(own).for('no key update');
          const change = { name, updatedAt: new Date(), updatedBy: identity.actor.id };
          const [after] = await tx.update(thingTable).set(change).where(own).returning();
          const path = `PLACE/${after.placeType}/${after.placeId}/THING/${after.thingTypeId}/${id}`;
          const entry = JSON.stringify({ input: { id, name }, before });
          await tx.execute(statement`select audit.append('updateThing', ${path}, 'SUCCEEDED', null, ${entry})`);
          return asThing(after);
        }),
      ingest: async (things) => {
        const frames = things.flatMap((thing) => thing.frames.map((frame) => ({ thingId: thing.thingId, ...frame })));
        const ids = [...new Set(things.map(({ thingId }) => thingId))];
        const metrics = await transaction('write', async (tx) => {
          await tx.execute(statement`select audit.count_usage('ingestFrames', ${frames.length})`);
          return tx.execute(
            statement`select thing_id, metric_id, name from app.thing_metrics(${`{${ids.join(',')}}`}::uuid[])`,
          );
        });
        const metricIds = new Map(metrics.map((row) => [`${row.thing_id} ${row.name.toLowerCase()}`, row.metric_id]));
        const rows = frames.flatMap(({ thingId, timestamp: atMs, metrics: values }) =>
          Object.entries(values).map(([name, value]) => {
            const metricId = metricIds.get(`${thingId} ${name.toLowerCase()}`);
            if (metricId === undefined) throw new Error('unknown metric');
            return { thingId, metricId, at: new Date(atMs), value };
          }),
        );
        rows.sort((a, b) => (key(a) < key(b) ? -1 : 1));
        const newest = new Map();
        for (const row of rows) {
          const known = newest.get(key(row));
          if (known === undefined || known.at < row.at) newest.set(key(row), row);
        }
        await telemetryDatabase(orgId).transaction(async (tx) => {
          await tx
            .insert(readingTable)
            .values(rows)
            .onConflictDoUpdate({
              target: [readingTable.thingId, readingTable.metricId, readingTable.at],
              set: { value: statement`excluded.double_value` },
            });
          await tx
            .insert(latestTable)
            .values([...newest.values()])
            .onConflictDoUpdate({
              target: [latestTable.thingId, latestTable.metricId],
              set: { at: statement`excluded.at`, value: statement`excluded.double_value` },
              setWhere: statement`excluded.at >= ${latestTable.at}`,
            });
        });
        return frames.length;
      },
      batches: {
        places: async (ids) => byId(ids, await rowsOf(places, places.id, ids)),
        types: async (ids) => byId(ids, await rowsOf(thingTypes, thingTypes.id, ids)),
        versions: async (ids) => byId(ids, await rowsOf(thingTypeVersions, thingTypeVersions.id, ids)),
        metrics: async (ids) => {
          const joined = await transaction('read', (tx) =>
            tx
              .select({ versionId: thingTypeMetrics.versionId, metric: metricDefinitions })
              .from(thingTypeMetrics)
              .innerJoin(
                metricDefinitions,
                and(
                  eq(metricDefinitions.orgId, thingTypeMetrics.orgId),
                  eq(metricDefinitions.id, thingTypeMetrics.metricId),
                ),
              )
              .where(and(eq(thingTypeMetrics.orgId, orgId), inArray(thingTypeMetrics.versionId, [...ids])))
              .orderBy(asc(thingTypeMetrics.versionId), asc(thingTypeMetrics.position)),
          );
          return groupBy(
            ids,
            joined.map(({ versionId, metric }) => ({ ...metric, versionId })),
            'versionId',
          );
        },
        latest: async (ids) => {
          const rows = await telemetryDatabase(orgId)
            .select()
            .from(latestTable)
            .where(inArray(latestTable.thingId, [...ids]));
          return groupBy(
            ids,
            rows.map((row) => ({ ...row, at: row.at.toISOString() })),
            'thingId',
          );
        },
      },
    };
  };
}

function key({ thingId, metricId }) {
  return `${thingId} ${metricId}`;
}
