import {
  countFrames,
  ingestMetrics,
  ingestParameters,
  ingestStatement,
  thingsLiteral,
} from '../shared/ingest-statement.mjs';
import { updateStatement } from '../shared/update-statement.mjs';
import { readList } from './read-list.mjs';
import { readSeries } from './read-series.mjs';
import { thingStatement } from './thing-statement.mjs';

const prepared = { prepare: true, simple: false };

/** Hand-written answers by `scenario/operation`, with `/scan` for the one that reads the readings themselves. */
export function operations(stores) {
  const { lanes, telemetryOf } = stores;
  return {
    'W0/typename': async () => '{"data":{"__typename":"Query"}}',
    'W1/list': readList(stores),
    'W2/get': async (identity, { id }) => {
      const [[row]] = await lanes.run(identity, 'read', [[thingStatement, [identity.orgId, id]]]);
      return row === undefined ? '{"data":{"thing":null}}' : row[0];
    },
    'W3/update': async (identity, { input }) => {
      const parameters = [identity.orgId, input.id, input.name, identity.actor.id];
      const [[[id, name]]] = await lanes.run(identity, 'write', [[updateStatement, parameters]]);
      return JSON.stringify({ data: { updateThing: { thing: { id, name } } } });
    },
    'W4/ingest': async (identity, { input: { things } }) => {
      const find = [ingestMetrics, [thingsLiteral(things), countFrames(things)]];
      const [rows] = await lanes.run(identity, 'write', [find]);
      const batch = ingestParameters(things, rows);
      if (batch === undefined) throw new Error('unknown metric');
      await telemetryOf(identity.orgId).unsafe(ingestStatement, batch.parameters, prepared);
      return `{"data":{"ingestFrames":{"framesIngested":${batch.frameCount}}}}`;
    },
    'W5-hourly/series': readSeries(stores, 'thing', 'HOUR', 'rollup'),
    'W5-hourly/series/scan': readSeries(stores, 'thing', 'HOUR', 'scan'),
    'W5-daily/series': readSeries(stores, 'thing', 'DAY', 'rollup'),
    'W5-daily/series/scan': readSeries(stores, 'thing', 'DAY', 'scan'),
    'W6/place': readSeries(stores, 'site', 'HOUR', 'rollup'),
    'W6/place/scan': readSeries(stores, 'site', 'HOUR', 'scan'),
  };
}
