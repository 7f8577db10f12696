import type { MetricDefinitionResolvers } from '../types.generated.js';

/** Fields of metric definitions that are not columns of their rows. */
export const MetricDefinition: MetricDefinitionResolvers = {
  isDeleted: (metric) => metric.deletedAt !== null,
};
