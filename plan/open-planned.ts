import type { RawRow } from '../db/read-with-org.js';
import type { OpenThings } from '../domain/telemetry/open-things.js';
import type { RequestContext } from '../resolvers/request-context.js';
import type { PlannedMetric } from './layout.js';
import { metricsOfVersions } from './metrics-of-versions.js';

type MetricRow = [
  version: string,
  id: string,
  name: string,
  dataType: string,
  aggregation: string,
  ...objects: string[],
];

/** Telemetry that the operational store has opened: where it is, and the metrics of each version of a type. */
export interface PlannedTelemetry {
  readonly open: OpenThings;
  readonly metricsOf: ReadonlyMap<string, readonly PlannedMetric[]>;
}

/**
 * Reads the columns that follow the answer in the row of a statement.
 * @param things the id of one thing by version, of those that the answer names
 */
export async function openPlanned(
  { operational, identity }: RequestContext,
  row: RawRow,
  things: ReadonlyMap<string, string>,
): Promise<PlannedTelemetry> {
  const [metrics = null, oldest, now, host = null, port = null, databaseName, sealedPassword, state] = row
    .slice(1)
    .map((column) => column?.toString('utf8') ?? null);
  return {
    metricsOf: metrics === null ? await metricsOfVersions(operational, identity, things) : readMetrics(metrics),
    open: {
      orgId: identity.orgId,
      handles: new Map(),
      placement: {
        host,
        port: port === null ? null : Number(port),
        databaseName: databaseName ?? '',
        sealedPassword: Buffer.from(sealedPassword ?? '', 'base64'),
        isReady: state === 'READY',
      },
      oldestMs: Number(oldest),
      nowMs: Number(now),
    },
  };
}

/** Metrics with the objects of their definitions, as the caller may see them. */
function readMetrics(json: string): ReadonlyMap<string, readonly PlannedMetric[]> {
  const metricsOf = new Map<string, PlannedMetric[]>();
  for (const [version, id, name, dataType, defaultAggregation, ...objects] of JSON.parse(json) as MetricRow[]) {
    const metric = Object.freeze({ id, name, dataType, defaultAggregation, objects }) as PlannedMetric;
    const list = metricsOf.get(version);
    if (list === undefined) metricsOf.set(version, [metric]);
    else list.push(metric);
  }
  for (const list of metricsOf.values()) Object.freeze(list);
  return metricsOf;
}
