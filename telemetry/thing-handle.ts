import type { TelemetryMetric } from './metric.js';

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
}

/** What a handle is made of. */
export type ThingHandleParts = Pick<ThingHandle, 'orgId' | 'thingId' | 'metrics'>;

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Handles that were issued here, told from look-alikes by a private field, which nobody can forge. */
class IssuedHandle implements ThingHandle {
  readonly orgId: string;
  readonly thingId: string;
  readonly metrics: readonly TelemetryMetric[];
  readonly #issued = true;

  constructor({ orgId, thingId, metrics }: ThingHandleParts) {
    this.orgId = orgId;
    this.thingId = thingId;
    this.metrics = metrics;
    Object.freeze(this);
  }

  static isIssued(handle: object): boolean {
    return #issued in handle;
  }
}

/**
 * Makes a handle. Only domain code calls this, with rows that `withOrg` returned in the same request.
 * @throws Error for parts that no row can have (an id that is no UUID, SUM or AVG of what is no number)
 */
export function issueThingHandle({ orgId, thingId, metrics }: ThingHandleParts): ThingHandle {
  if (!uuidPattern.test(thingId)) throw new Error('a thing id is a UUID in lower case');
  return new IssuedHandle({ orgId, thingId, metrics: possible(metrics) });
}

/** Lists of metrics that were looked at and cannot change any more: things of one version share theirs. */
const possibleLists = new WeakSet<readonly TelemetryMetric[]>();

function possible(metrics: readonly TelemetryMetric[]): readonly TelemetryMetric[] {
  if (possibleLists.has(metrics)) return metrics;
  for (const { id, dataType, defaultAggregation } of metrics) {
    const isNumeric = dataType === 'INT' || dataType === 'DOUBLE';
    if ((defaultAggregation === 'SUM' || defaultAggregation === 'AVG') && !isNumeric) {
      throw new Error(`metric ${id}: ${defaultAggregation} of ${dataType} does not exist`);
    }
  }
  const isFrozen = Object.isFrozen(metrics) && metrics.every(Object.isFrozen);
  const list = isFrozen ? metrics : Object.freeze(metrics.map((metric) => Object.freeze({ ...metric })));
  possibleLists.add(list);
  return list;
}

/**
 * The last line between two organizations inside the process: every function of this folder calls it first.
 * @throws Error for a handle of another organization, or one that `issueThingHandle` did not make
 */
export function requireHandlesOf(database: { readonly orgId: string }, handles: readonly ThingHandle[]): void {
  for (const handle of handles) {
    if (!IssuedHandle.isIssued(handle)) throw new Error('a thing handle was not made by issueThingHandle');
    if (handle.orgId !== database.orgId) throw new Error('a thing handle belongs to another organization');
  }
}
