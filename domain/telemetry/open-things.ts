import { arrayLiteral } from '../../db/array-literal.js';
import type { OrgTransaction } from '../../db/with-org.js';
import type { TelemetryMetric } from '../../telemetry/metric.js';
import { issueThingHandle, type ThingHandle } from '../../telemetry/thing-handle.js';

/** Where an organization's telemetry lives, its credential still sealed. */
export interface SealedPlacement {
  /** null: the cluster of the operational database. */
  readonly host: string | null;
  readonly port: number | null;
  readonly databaseName: string;
  readonly sealedPassword: Buffer;
  readonly isReady: boolean;
}

/** The telemetry of things that the transaction may see, ready to be read or written. */
export interface OpenThings {
  readonly orgId: string;
  /** Handles by thing id; a thing that is not visible has none. */
  readonly handles: ReadonlyMap<string, ThingHandle>;
  readonly placement: SealedPlacement;
  /** The retention cut-off, epoch ms. */
  readonly oldestMs: number;
  /** Now, by the clock of the database, epoch ms. */
  readonly nowMs: number;
}

interface MetricRow {
  readonly thing_id: string;
  readonly metric_id: string;
  readonly name: string;
  readonly data_type: TelemetryMetric['dataType'];
  readonly default_aggregation: TelemetryMetric['defaultAggregation'];
}

interface AccessRow {
  readonly host: string | null;
  readonly port: number | null;
  readonly database_name: string;
  readonly sealed_password: Buffer;
  readonly state: string;
  readonly oldest_ms: string;
  readonly now_ms: string;
  /** Whether the data package of the organization is full: nothing is to be added then. */
  readonly is_full: boolean;
}

/** What the operational database tells of the telemetry of things, with metrics of those alone that may be seen. */
export interface AskedTelemetry {
  readonly metricRows: readonly MetricRow[];
  readonly access: AccessRow;
}

/** Asks for the telemetry of things by their ids, which may come more than once. */
export async function askTelemetry(tx: OrgTransaction, ids: readonly string[]): Promise<AskedTelemetry> {
  const [metricRows, [access]] = await Promise.all([
    tx.sql<MetricRow[]>`select thing_id, metric_id, name, data_type, default_aggregation
                        from app.thing_metrics(${arrayLiteral([...new Set(ids)])}::uuid[])`,
    tx.sql<AccessRow[]>`select host, port, database_name, sealed_password, state, oldest_ms, now_ms, is_full
                        from platform.telemetry_access()`,
  ]);
  if (access === undefined) throw new Error('the organization has no telemetry placement');
  return { metricRows, access };
}

/**
 * Issues handles for things.
 * @param things rows that this transaction returned, so that row-level security has decided on each
 * @param asked what was asked for these ids before the rows were there
 */
export async function openThings(
  tx: OrgTransaction,
  things: readonly { readonly id: string }[],
  asked: Promise<AskedTelemetry> = askTelemetry(
    tx,
    things.map(({ id }) => id),
  ),
): Promise<OpenThings> {
  const { metricRows, access } = await asked;
  const metrics = new Map<string, TelemetryMetric[]>(things.map(({ id }) => [id, []]));
  for (const row of metricRows) {
    const { metric_id: id, name, data_type: dataType, default_aggregation: defaultAggregation } = row;
    metrics.get(row.thing_id)?.push({ id, name, dataType, defaultAggregation });
  }
  return {
    orgId: tx.orgId,
    handles: new Map(
      [...metrics].map(([id, ofThing]) => [id, issueThingHandle({ orgId: tx.orgId, thingId: id, metrics: ofThing })]),
    ),
    placement: {
      host: access.host,
      port: access.port,
      databaseName: access.database_name,
      sealedPassword: access.sealed_password,
      isReady: access.state === 'READY',
    },
    oldestMs: Number(access.oldest_ms),
    nowMs: Number(access.now_ms),
  };
}

/**
 * Issues the handle of one thing.
 * @param thing its id, from a row that a transaction of the same request returned
 * @param metrics those of the version that the same row names, as `app.metrics_of_things` answered them there
 */
export function openThing<Metric extends TelemetryMetric>(
  orgId: string,
  thing: { readonly id: string },
  metrics: readonly Metric[],
): ThingHandle {
  return issueThingHandle({ orgId, thingId: thing.id, metrics });
}
