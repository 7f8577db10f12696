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

interface PlacementRow {
  readonly host: string | null;
  readonly port: number | null;
  readonly database_name: string;
  readonly sealed_password: Buffer;
  readonly state: string;
}

/**
 * Issues handles for things.
 * @param things rows that this transaction returned, so that row-level security has decided on each
 */
export async function openThings(tx: OrgTransaction, things: readonly { readonly id: string }[]): Promise<OpenThings> {
  const ids = [...new Set(things.map((thing) => thing.id))];
  const [metricRows, [placement], [window]] = await Promise.all([
    tx.sql<MetricRow[]>`select thing_id, metric_id, name, data_type, default_aggregation
                        from app.thing_metrics(${arrayLiteral(ids)}::uuid[])`,
    tx.sql<
      PlacementRow[]
    >`select host, port, database_name, sealed_password, state from platform.telemetry_placement()`,
    tx.sql<{ oldest_ms: string; now_ms: string }[]>`select oldest_ms, now_ms from platform.telemetry_window()`,
  ]);
  if (placement === undefined || window === undefined) throw new Error('the organization has no telemetry placement');
  const metrics = new Map<string, TelemetryMetric[]>(ids.map((id) => [id, []]));
  for (const row of metricRows) {
    const { metric_id: id, name, data_type: dataType, default_aggregation: defaultAggregation } = row;
    metrics.get(row.thing_id)?.push({ id, name, dataType, defaultAggregation });
  }
  return {
    orgId: tx.orgId,
    handles: new Map(
      ids.map((id) => [id, issueThingHandle({ orgId: tx.orgId, thingId: id, metrics: metrics.get(id) ?? [] })]),
    ),
    placement: {
      host: placement.host,
      port: placement.port,
      databaseName: placement.database_name,
      sealedPassword: placement.sealed_password,
      isReady: placement.state === 'READY',
    },
    oldestMs: Number(window.oldest_ms),
    nowMs: Number(window.now_ms),
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
