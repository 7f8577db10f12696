import type { TelemetryMetric } from './metric.js';

declare const issued: unique symbol;

/**
 * The permission to reach the telemetry of one thing. A telemetry database knows no scopes: whoever holds a handle may
 * read and write all readings of its metrics, so a handle is made from rows that `withOrg` returned in the same request,
 * and never kept longer.
 */
export interface ThingHandle {
  readonly orgId: string;
  /** UUID of the thing, lower case. */
  readonly thingId: string;
  /** Metrics of the thing's type version that the actor may use. Nothing else of the thing can be reached. */
  readonly metrics: readonly TelemetryMetric[];
  readonly [issued]: true;
}

/** What a handle is made of. */
export type ThingHandleParts = Pick<ThingHandle, 'orgId' | 'thingId' | 'metrics'>;

const issuedHandles = new WeakSet<object>();
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Makes a handle. Only domain code calls this, with rows that `withOrg` returned in the same request.
 * @throws Error for parts that no row can have (an id that is no UUID, SUM or AVG of what is no number)
 */
export function issueThingHandle(parts: ThingHandleParts): ThingHandle {
  if (!uuidPattern.test(parts.thingId)) throw new Error('a thing id is a UUID in lower case');
  for (const { id, dataType, defaultAggregation } of parts.metrics) {
    const isNumeric = dataType === 'INT' || dataType === 'DOUBLE';
    if ((defaultAggregation === 'SUM' || defaultAggregation === 'AVG') && !isNumeric) {
      throw new Error(`metric ${id}: ${defaultAggregation} of ${dataType} does not exist`);
    }
  }
  const handle = Object.freeze({
    orgId: parts.orgId,
    thingId: parts.thingId,
    metrics: frozen(parts.metrics),
  }) as ThingHandle;
  issuedHandles.add(handle);
  return handle;
}

/** Things of one version share one list of metrics, once it is frozen. */
function frozen(metrics: readonly TelemetryMetric[]): readonly TelemetryMetric[] {
  if (Object.isFrozen(metrics) && metrics.every(Object.isFrozen)) return metrics;
  return Object.freeze(metrics.map((metric) => Object.freeze({ ...metric })));
}

/**
 * The last line between two organizations inside the process: every function of this folder calls it first.
 * @throws Error for a handle of another organization, or one that `issueThingHandle` did not make
 */
export function requireHandlesOf(database: { readonly orgId: string }, handles: readonly ThingHandle[]): void {
  for (const handle of handles) {
    if (!issuedHandles.has(handle)) throw new Error('a thing handle was not made by issueThingHandle');
    if (handle.orgId !== database.orgId) throw new Error('a thing handle belongs to another organization');
  }
}
