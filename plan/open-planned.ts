import type { Identity } from '../auth/identity.js';
import type { RawRow } from '../db/read-with-org.js';
import type { OpenThings } from '../domain/telemetry/open-things.js';
import type { PlannedMetric } from './layout.js';

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

/** Reads the columns that follow the answer in the row of a statement. */
export function openPlanned(identity: Identity, row: RawRow): PlannedTelemetry {
  const [metrics, oldest, now, host, port, databaseName, sealedPassword, state] = row
    .slice(1)
    .map((column) => column?.toString('utf8') ?? null);
  const metricsOf = new Map<string, PlannedMetric[]>();
  for (const [version, id, name, dataType, defaultAggregation, ...objects] of JSON.parse(
    metrics ?? '[]',
  ) as MetricRow[]) {
    const metric = Object.freeze({ id, name, dataType, defaultAggregation, objects }) as PlannedMetric;
    const list = metricsOf.get(version);
    if (list === undefined) metricsOf.set(version, [metric]);
    else list.push(metric);
  }
  for (const list of metricsOf.values()) Object.freeze(list);
  return {
    metricsOf,
    open: {
      orgId: identity.orgId,
      handles: new Map(),
      placement: {
        host: host ?? null,
        port: port === null || port === undefined ? null : Number(port),
        databaseName: databaseName ?? '',
        sealedPassword: Buffer.from(sealedPassword ?? '', 'base64'),
        isReady: state === 'READY',
      },
      oldestMs: Number(oldest),
      nowMs: Number(now),
    },
  };
}
