/** The operations that make the demo, as any client of the API would write them. */

/** What is there already: an interrupted creation is continued. */
export const present = `query Present {
  metricDefinitions(first: 100) { nodes { id name } }
  thingTypes(first: 100) { nodes { id name: displayName } }
  sites(first: 100) { nodes { id name levelTypes { id name } levels(first: 100) { nodes { id name } } } }
  fleets(first: 100) { nodes { id name } }
  things(first: 100) { nodes { id name } }
}`;

export const createMetric = `mutation CreateMetric($input: CreateMetricInput!) {
  created: createMetric(input: $input) { id }
}`;

export const createThingType = `mutation CreateThingType($input: CreateThingTypeInput!) {
  created: createThingType(input: $input) { id }
}`;

export const createSite = `mutation CreateSite($input: CreateSiteInput!) {
  created: createSite(input: $input) { id }
}`;

export const createFleet = `mutation CreateFleet($input: CreateFleetInput!) {
  created: createFleet(input: $input) { id }
}`;

export const createLevelType = `mutation CreateLevelType($input: CreateLevelTypeInput!) {
  created: createLevelType(input: $input) { id }
}`;

export const createLevel = `mutation CreateLevel($input: CreateLevelInput!) {
  created: createLevel(input: $input) { id }
}`;

export const createThing = `mutation CreateThing($input: CreateThingInput!) {
  created: createThing(input: $input) { id }
}`;

/** Things that the simulator speaks for. */
export const simulatedThings = `query SimulatedThings($after: String) {
  things(first: 100, after: $after) {
    nodes { id isSimulated typeVersion { metrics { name } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Readings of many things in one call. */
export const ingestFrames = `mutation IngestFrames($input: IngestFramesInput!) {
  ingestFrames(input: $input) { framesIngested }
}`;
