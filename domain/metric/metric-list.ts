import { metricDefinitions } from '../../db/tables/definitions.js';
import { type Lifecycle, lifecycleCondition } from '../definition/lifecycle.js';
import type { ListQuery } from '../read-page.js';
import { searchCondition } from '../search.js';

/** Metric definitions that the reader may see. */
export function metricList(lifecycle: Lifecycle, search: string | null | undefined): ListQuery {
  const { id, name, displayName, deletedAt } = metricDefinitions;
  return {
    name: `metrics:${lifecycle}:${search ?? ''}`,
    table: metricDefinitions,
    conditions: [lifecycleCondition(lifecycle, deletedAt), searchCondition(search, [name, displayName], id)],
  };
}
