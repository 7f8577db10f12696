import DataLoader from 'dataloader';

/** Resolvers over a data layer; `context.data` holds its loaders for this request. */
export const resolvers = {
  Query: {
    things: async (_root, { first }, { data }) => {
      const rows = await data.things(first + 1);
      return { nodes: rows.slice(0, first), pageInfo: { hasNextPage: rows.length > first } };
    },
    thing: (_root, { id }, { data }) => data.thing(id),
  },
  Mutation: {
    updateThing: async (_root, { input }, { data }) => ({ thing: await data.update(input) }),
    ingestFrames: async (_root, { input }, { data }) => ({ framesIngested: await data.ingest(input.things) }),
  },
};

/** Fields that lead to other rows, through DataLoader. */
export const relations = {
  Thing: {
    place: ({ placeId }, _args, { data }) => data.loaders.places.load(placeId),
    type: ({ typeId }, _args, { data }) => data.loaders.types.load(typeId),
    typeVersion: ({ typeVersionId }, _args, { data }) => data.loaders.versions.load(typeVersionId),
    latest: async ({ id, typeVersionId }, _args, { data }) => {
      const [metrics, rows] = await Promise.all([
        data.loaders.metrics.load(typeVersionId),
        data.loaders.latest.load(id),
      ]);
      return readings(metrics, rows);
    },
  },
  ThingTypeVersion: { metrics: ({ id }, _args, { data }) => data.loaders.metrics.load(id) },
};

/** Latest values in the order of the metrics of the version. */
export function readings(metrics, rows) {
  const byMetric = new Map(rows.map((row) => [row.metricId, row]));
  return metrics.flatMap((metric) => {
    const row = byMetric.get(metric.id);
    if (row === undefined) return [];
    return [{ metricId: metric.id, metricName: metric.name, at: row.at, value: row.value }];
  });
}

/** What one request works with: the data layer for its identity, each relation behind a DataLoader. */
export function requestData(layer, identity) {
  const data = layer(identity);
  const loaders = Object.fromEntries(
    Object.entries(data.batches).map(([name, batch]) => [name, new DataLoader((ids) => batch(ids))]),
  );
  return { ...data, loaders };
}

/** Rows in the order of the ids; null for one that is not there. */
export function byId(ids, rows) {
  const known = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => known.get(id) ?? null);
}

/** Rows by what they belong to, in the order of the ids. */
export function groupBy(ids, rows, field) {
  const groups = new Map(ids.map((id) => [id, []]));
  for (const row of rows) groups.get(row[field])?.push(row);
  return ids.map((id) => groups.get(id));
}
