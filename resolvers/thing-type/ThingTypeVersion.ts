import type { ThingTypeVersionResolvers } from '../types.generated.js';

/** Fields of versions that are not columns of their rows. */
export const ThingTypeVersion: ThingTypeVersionResolvers = {
  typeId: (version) => version.thingTypeId,
  metricIds: (version, _args, { loaders }) => loaders.metricIdsOfVersion.load(version.id),
  metrics: async (version, _args, { loaders }) => {
    const ids = await loaders.metricIdsOfVersion.load(version.id);
    return Promise.all(ids.map(async (id) => (await loaders.metric.load(id)) ?? null));
  },
};
