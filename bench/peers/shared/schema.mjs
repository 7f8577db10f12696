/**
 * The part of the product's schema that the scenarios ask for, in the same words.
 * @param directive what stands behind each root field and each field of telemetry, e.g. a rate limit
 */
export const typeDefs = (directive = '') => /* GraphQL */ `
  scalar DateTime
  scalar JSONObject
  scalar EpochMillis
  scalar MetricValue

  type Query {
    things(first: Int!): ThingConnection ${directive}
    thing(id: ID!): Thing ${directive}
  }
  type Mutation {
    updateThing(input: UpdateThingInput!): UpdateThingPayload ${directive}
    ingestFrames(input: IngestFramesInput!): IngestFramesPayload ${directive}
  }
  type ThingConnection { nodes: [Thing!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! }
  type Thing {
    id: ID!
    name: String!
    placeId: ID!
    place: Place
    typeId: ID!
    type: ThingType
    typeVersionId: ID!
    typeVersion: ThingTypeVersion
    latest: [Reading!]
    createdAt: DateTime!
  }
  type Place { id: ID! name: String! }
  type ThingType { id: ID! displayName: String! }
  type ThingTypeVersion { id: ID! version: Int! metrics: [MetricDefinition] }
  type MetricDefinition { id: ID! name: String! unitLabel: String }
  type Reading { metricId: ID! metricName: String! at: DateTime! value: MetricValue! }

  input UpdateThingInput { id: ID! name: String }
  type UpdateThingPayload { thing: Thing }
  input IngestFramesInput { things: [ThingFramesInput!]! }
  input ThingFramesInput { thingId: ID! frames: [FrameInput!]! }
  input FrameInput { timestamp: EpochMillis! metrics: JSONObject! }
  type IngestFramesPayload { framesIngested: Int! }
`;
