import { entrantsOf, type Operation, pgbenchEntrant, pgbenchNote, type Scenario } from './scenario.js';

/** Fields of a thing as a list shows them. */
export const listedThing =
  'id name place { id name } type { id displayName } ' +
  'typeVersion { id version metrics { id name unitLabel } } latest { metricId metricName at value }';

/** Fifty things with site, type, version with metrics, and latest values. */
export const listThings: Operation = {
  name: 'list',
  document: `query List { things(first: 50) { nodes { ${listedThing} } pageInfo { hasNextPage } } }`,
  variables: () => ({}),
  weight: 1,
  tokens: { STANDARD: 1, DATA_READ: 50 },
  postgraphile: {
    document: `query List { allThings(first: 50, orderBy: PRIMARY_KEY_ASC) {
      nodes {
        rowId name
        placeByOrgIdAndPlaceTypeAndPlaceId { rowId name }
        thingTypeByOrgIdAndThingTypeId { rowId displayName }
        thingTypeVersionByOrgIdAndThingTypeIdAndThingTypeVersionId {
          rowId version
          thingTypeMetricsByOrgIdAndThingTypeIdAndVersionId(orderBy: POSITION_ASC) {
            nodes { metricDefinitionByOrgIdAndMetricId { rowId name unitLabel } }
          }
        }
        benchLatestsByOrgIdAndThingId { nodes { metricId at doubleValue } }
      }
      pageInfo { hasNextPage }
    } }`,
    variables: () => ({}),
    answer: (data: PostGraphileList) => ({
      things: { nodes: data.allThings.nodes.map(asThing), pageInfo: data.allThings.pageInfo },
    }),
  },
};

/** W1. */
export const w1List: Scenario = {
  id: 'W1',
  title: '50 things with site, type, metrics and latest values',
  operations: [listThings],
  entrants: [
    ...entrantsOf(['raw', 'postgraphile', 'mercurius-same', 'mercurius', 'yoga', 'naive-apollo']),
    pgbenchEntrant,
  ],
  isCompared: true,
  notes: [
    'PostGraphile knows one database: its latest values are a table in the operational database; those of pgbench too.',
    pgbenchNote,
  ],
};

interface PostGraphileMetric {
  readonly rowId: string;
  readonly name: string;
  readonly unitLabel: string;
}

interface PostGraphileThing {
  readonly rowId: string;
  readonly name: string;
  readonly placeByOrgIdAndPlaceTypeAndPlaceId: { readonly rowId: string; readonly name: string };
  readonly thingTypeByOrgIdAndThingTypeId: { readonly rowId: string; readonly displayName: string };
  readonly thingTypeVersionByOrgIdAndThingTypeIdAndThingTypeVersionId: {
    readonly rowId: string;
    readonly version: number;
    readonly thingTypeMetricsByOrgIdAndThingTypeIdAndVersionId: {
      readonly nodes: readonly { readonly metricDefinitionByOrgIdAndMetricId: PostGraphileMetric }[];
    };
  };
  readonly benchLatestsByOrgIdAndThingId: {
    readonly nodes: readonly { readonly metricId: string; readonly at: string; readonly doubleValue: number }[];
  };
}

interface PostGraphileList {
  readonly allThings: { readonly nodes: readonly PostGraphileThing[]; readonly pageInfo: unknown };
}

function asThing(thing: PostGraphileThing) {
  const version = thing.thingTypeVersionByOrgIdAndThingTypeIdAndThingTypeVersionId;
  const metrics = version.thingTypeMetricsByOrgIdAndThingTypeIdAndVersionId.nodes.map(
    ({ metricDefinitionByOrgIdAndMetricId: { rowId, name, unitLabel } }) => ({ id: rowId, name, unitLabel }),
  );
  const names = new Map(metrics.map(({ id, name }) => [id, name]));
  const { placeByOrgIdAndPlaceTypeAndPlaceId: place, thingTypeByOrgIdAndThingTypeId: type } = thing;
  return {
    id: thing.rowId,
    name: thing.name,
    place: { id: place.rowId, name: place.name },
    type: { id: type.rowId, displayName: type.displayName },
    typeVersion: { id: version.rowId, version: version.version, metrics },
    latest: thing.benchLatestsByOrgIdAndThingId.nodes.map(({ metricId, at, doubleValue }) => ({
      metricId,
      metricName: names.get(metricId),
      at: new Date(at).toISOString(),
      value: doubleValue,
    })),
  };
}
