import type { MetricDefinitionRow } from '../../db/tables/definitions.js';
import { countedConnectionOf } from '../connection.js';
import type { MetricDefinitionConnectionResolvers } from '../types.generated.js';

/** Pages of metric definitions. */
export const MetricDefinitionConnection: MetricDefinitionConnectionResolvers =
  countedConnectionOf<MetricDefinitionRow>();
