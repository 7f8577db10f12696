import type { MetricDefinitionRow } from '../../db/tables/definitions.js';
import { withOrg } from '../../db/with-org.js';
import { getMetric } from '../../domain/metric/get-metric.js';
import { metricList } from '../../domain/metric/metric-list.js';
import { metricSchema } from '../../domain/metric/metric-schema.js';
import { readPage } from '../../domain/read-page.js';
import type { QueryResolvers } from '../types.generated.js';

/** Queries of metric definitions. */
export const Query = {
  metricDefinitions: (_root, { first, after, lifecycle, search }, { operational, identity }) =>
    readPage<MetricDefinitionRow>(operational, identity, metricList(lifecycle, search), { first, after }),
  metricDefinition: (_root, { id }, { operational, identity }) =>
    withOrg(operational, identity, 'read', (tx) => getMetric(tx, id)),
  metricSchema: () => metricSchema,
} satisfies QueryResolvers;
