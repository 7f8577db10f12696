import { countFrames, ingestMetrics, ingestParameters, ingestStatement, thingsLiteral } from './ingest-statement.mjs';
import { openPipelinedLanes } from './lanes.mjs';
import { byId, groupBy } from './resolvers.mjs';
import { openTelemetryPools } from './telemetry-pools.mjs';
import { updateStatement } from './update-statement.mjs';

const prepared = { prepare: true, simple: false };
const list = (ids) => `{${ids.join(',')}}`;
const thingColumns = 'id, name, place_id, thing_type_id, thing_type_version_id, created_at';
const asThing = ([id, name, placeId, typeId, typeVersionId, createdAt]) => ({
  id,
  name,
  placeId,
  typeId,
  typeVersionId,
  createdAt: new Date(createdAt).toISOString(),
});

/**
 * The data layer of the product before it plans: prepared statements of the needed columns, each batch one pipelined
 * transaction under the signed context.
 */
export async function openPipelinedLayer(configuration) {
  const lanes = await openPipelinedLanes(configuration);
  const telemetryOf = openTelemetryPools(configuration);
  return (identity) => {
    const { orgId } = identity;
    const read = async (text, ...parameters) =>
      (await lanes.run(identity, 'read', [[text, [orgId, ...parameters]]]))[0];
    return {
      things: async (count) =>
        (await read(`select ${thingColumns} from app.things where org_id = $1 order by id limit $2`, count)).map(
          asThing,
        ),
      thing: async (id) => {
        const [row] = await read(`select ${thingColumns} from app.things where org_id = $1 and id = $2`, id);
        return row === undefined ? null : asThing(row);
      },
      update: async ({ id, name }) => {
        const parameters = [orgId, id, name, identity.actor.id];
        const [[row]] = await lanes.run(identity, 'write', [[updateStatement, parameters]]);
        return row === undefined ? null : { id: row[0], name: row[1] };
      },
      ingest: async (things) => {
        const [rows] = await lanes.run(identity, 'write', [
          [ingestMetrics, [thingsLiteral(things), countFrames(things)]],
        ]);
        const input = ingestParameters(things, rows);
        if (input === undefined) throw new Error('unknown metric');
        await telemetryOf(orgId).unsafe(ingestStatement, input.parameters, prepared);
        return input.frameCount;
      },
      batches: {
        places: async (ids) => {
          const rows = await read(
            'select id, name from app.places where org_id = $1 and id = any ($2::uuid[])',
            list(ids),
          );
          return byId(
            ids,
            rows.map(([id, name]) => ({ id, name })),
          );
        },
        types: async (ids) => {
          const text = 'select id, display_name from app.thing_types where org_id = $1 and id = any ($2::text[])';
          return byId(
            ids,
            (await read(text, list(ids))).map(([id, displayName]) => ({ id, displayName })),
          );
        },
        versions: async (ids) => {
          const text = 'select id, version from app.thing_type_versions where org_id = $1 and id = any ($2::text[])';
          return byId(
            ids,
            (await read(text, list(ids))).map(([id, version]) => ({ id, version })),
          );
        },
        metrics: async (ids) => {
          const rows = await read(metricsOfVersions, list(ids));
          const metrics = rows.map(([versionId, id, name, unitLabel]) => ({ versionId, id, name, unitLabel }));
          return groupBy(ids, metrics, 'versionId');
        },
        latest: async (ids) => {
          const rows = await telemetryOf(orgId)
            .unsafe(latestOfThings, [list(ids)], prepared)
            .values();
          const readings = rows.map(([thingId, metricId, atMs, value]) => ({
            thingId,
            metricId,
            at: new Date(Number(atMs)).toISOString(),
            value,
          }));
          return groupBy(ids, readings, 'thingId');
        },
      },
    };
  };
}

const metricsOfVersions = `
  select tm.version_id, m.id, m.name, m.unit_label
  from app.thing_type_metrics tm join app.metric_definitions m on m.org_id = tm.org_id and m.id = tm.metric_id
  where tm.org_id = $1 and tm.version_id = any ($2::text[]) order by tm.version_id, tm.position`;

const latestOfThings = `
  select thing_id, metric_id, (extract(epoch from at) * 1000)::int8, double_value
  from telemetry.latest where thing_id = any ($1::uuid[])`;
