import { LRUCache } from 'lru-cache';
import type { Identity } from '../auth/identity.js';
import { arrayLiteral } from '../db/array-literal.js';
import type { Database } from '../db/database.js';
import { readWithOrg } from '../db/read-with-org.js';
import type { PlannedMetric } from './layout.js';

/** Versions of thing types whose metrics are remembered at most. */
const maxVersions = 10_000;

/**
 * Metrics of versions of thing types, by organization and version. They never change: the metrics of a version are fixed,
 * as are the name, the data type and the aggregation of a metric, and the database sees to both.
 */
const remembered = new LRUCache<string, readonly PlannedMetric[]>({ max: maxVersions });

/**
 * The metrics of the versions to which things are bound.
 * @param things the id of one thing by version, from rows that a transaction of the same request returned: who may read a thing knows
 * its metrics
 */
export async function metricsOfVersions(
  database: Database,
  identity: Identity,
  things: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, readonly PlannedMetric[]>> {
  const found = new Map<string, readonly PlannedMetric[]>();
  const unknown: string[] = [];
  for (const [version, thing] of things) {
    const metrics = remembered.get(keyOf(identity, version));
    if (metrics !== undefined) found.set(version, metrics);
    else unknown.push(thing);
  }
  if (unknown.length === 0) return found;
  const [rows = []] = await readWithOrg(database, identity, [
    {
      text: `select version_id, metric_id, name, data_type, default_aggregation
             from app.metrics_of_things($1::uuid[]) order by version_id, ordinal`,
      params: [arrayLiteral(unknown)],
    },
  ]);
  const read = new Map<string, PlannedMetric[]>();
  for (const row of rows) {
    const [version = '', id, name, dataType, defaultAggregation] = row.map((column) => column?.toString('utf8') ?? '');
    const metric = Object.freeze({ id, name, dataType, defaultAggregation, objects: [] }) as unknown as PlannedMetric;
    const list = read.get(version);
    if (list === undefined) read.set(version, [metric]);
    else list.push(metric);
  }
  for (const [version, metrics] of read) {
    remembered.set(keyOf(identity, version), Object.freeze(metrics));
    found.set(version, metrics);
  }
  return found;
}

function keyOf({ orgId }: Identity, version: string): string {
  return `${orgId} ${version}`;
}
