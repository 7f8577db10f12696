import { GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars';
import type { AlertEventRow, MonitorRow, MonitorStateRow } from '../db/tables/monitors.js';
import type { PlaceRow } from '../db/tables/places.js';
import { ApiKey } from './api-key/ApiKey.js';
import { ApiKeyConnection } from './api-key/ApiKeyConnection.js';
import { Mutation as apiKeyMutation } from './api-key/Mutation.js';
import { Query as apiKeyQuery } from './api-key/Query.js';
import { AuditEvent, AuditEventConnection } from './audit/AuditEvent.js';
import { Query as auditQuery } from './audit/Query.js';
import { countedConnectionOf } from './connection.js';
import { Export, ExportConnection } from './export/Export.js';
import { Mutation as exportMutation } from './export/Mutation.js';
import { Query as exportQuery } from './export/Query.js';
import { fieldsOf } from './fields-of.js';
import { Fleet } from './fleet/Fleet.js';
import { Mutation as fleetMutation } from './fleet/Mutation.js';
import { Query as fleetQuery } from './fleet/Query.js';
import { Integration } from './integration/Integration.js';
import { IntegrationConnection } from './integration/IntegrationConnection.js';
import { Mutation as integrationMutation } from './integration/Mutation.js';
import { Query as integrationQuery } from './integration/Query.js';
import {
  Delivery,
  DeliveryConnection,
  InboundEventConnection,
  ResourceMapping,
  ResourceMappingConnection,
} from './integration/records.js';
import { LevelConnection } from './level/LevelConnection.js';
import { LevelGroupConnection } from './level/LevelGroupConnection.js';
import { Mutation as levelMutation } from './level/Mutation.js';
import { Subscription as liveSubscription } from './live/Subscription.js';
import { MetricDefinitionConnection } from './metric/MetricDefinitionConnection.js';
import { Mutation as metricMutation } from './metric/Mutation.js';
import { Query as metricQuery } from './metric/Query.js';
import { AlertEvent } from './monitor/AlertEvent.js';
import { Monitor, MonitorAlert, MonitoredThing, MonitorMetric } from './monitor/Monitor.js';
import { Mutation as monitorMutation } from './monitor/Mutation.js';
import { Query as monitorQuery } from './monitor/Query.js';
import { Subscription as monitorSubscription } from './monitor/Subscription.js';
import { Mutation as organizationMutation } from './organization/Mutation.js';
import { Query as organizationQuery } from './organization/Query.js';
import { Place } from './place/Place.js';
import { DateTime } from './scalars/date-time.js';
import { EpochMillis } from './scalars/epoch-millis.js';
import { MetricValue } from './scalars/metric-value.js';
import { Mutation as secretMutation } from './secret/Mutation.js';
import { Mutation as siteMutation } from './site/Mutation.js';
import { Query as siteQuery } from './site/Query.js';
import { Site } from './site/Site.js';
import { Mutation as telemetryMutation } from './telemetry/Mutation.js';
import { PlacePoint, PlaceSeries, Point, Reading, Series } from './telemetry/Series.js';
import { Subscription as telemetrySubscription } from './telemetry/Subscription.js';
import { Mutation as templateMutation } from './template/Mutation.js';
import { Query as templateQuery } from './template/Query.js';
import { Template, TemplateRevision } from './template/Template.js';
import { TemplateConnection, TemplateRevisionConnection } from './template/TemplateConnection.js';
import { Mutation as thingMutation } from './thing/Mutation.js';
import { Query as thingQuery } from './thing/Query.js';
import { Thing } from './thing/Thing.js';
import { ThingConnection } from './thing/ThingConnection.js';
import { Mutation as thingTypeMutation } from './thing-type/Mutation.js';
import { Query as thingTypeQuery } from './thing-type/Query.js';
import { ThingTypeConnection } from './thing-type/ThingTypeConnection.js';
import { ThingTypeVersionConnection } from './thing-type/ThingTypeVersionConnection.js';
import type { Resolvers } from './types.generated.js';

/** The resolvers of the API, noun by noun. */
export const resolvers: Resolvers = {
  Query: {
    ...organizationQuery,
    ...siteQuery,
    ...fleetQuery,
    ...thingQuery,
    ...metricQuery,
    ...thingTypeQuery,
    ...integrationQuery,
    ...monitorQuery,
    ...templateQuery,
    ...apiKeyQuery,
    ...auditQuery,
    ...exportQuery,
  },
  Mutation: {
    ...organizationMutation,
    ...siteMutation,
    ...levelMutation,
    ...fleetMutation,
    ...thingMutation,
    ...telemetryMutation,
    ...metricMutation,
    ...thingTypeMutation,
    ...integrationMutation,
    ...secretMutation,
    ...monitorMutation,
    ...templateMutation,
    ...apiKeyMutation,
    ...exportMutation,
  },
  Subscription: {
    ...telemetrySubscription,
    ...monitorSubscription,
    ...liveSubscription,
  },
  DateTime,
  EpochMillis,
  JSON: GraphQLJSON,
  JSONObject: GraphQLJSONObject,
  MetricValue,
  Organization: fieldsOf('Organization'),
  Place,
  Site,
  SiteConnection: countedConnectionOf<PlaceRow>(),
  Fleet,
  FleetConnection: countedConnectionOf<PlaceRow>(),
  Level: fieldsOf('Level'),
  LevelConnection,
  LevelGroup: fieldsOf('LevelGroup'),
  LevelGroupConnection,
  LevelType: fieldsOf('LevelType'),
  Thing,
  ThingConnection,
  Series,
  PlaceSeries,
  Point,
  PlacePoint,
  Reading,
  MetricDefinition: fieldsOf('MetricDefinition'),
  MetricDefinitionConnection,
  ThingType: fieldsOf('ThingType'),
  ThingTypeConnection,
  ThingTypeVersion: fieldsOf('ThingTypeVersion'),
  ThingTypeVersionConnection,
  Integration,
  Delivery,
  DeliveryConnection,
  InboundEventConnection,
  ResourceMapping,
  ResourceMappingConnection,
  IntegrationConnection,
  Monitor,
  MonitorConnection: countedConnectionOf<MonitorRow>(),
  MonitorMetric,
  MonitorAlert,
  MonitoredThing,
  MonitoredThingConnection: countedConnectionOf<MonitorStateRow>(),
  AlertEvent,
  AlertEventConnection: countedConnectionOf<AlertEventRow>(),
  Template,
  TemplateConnection,
  TemplateRevision,
  TemplateRevisionConnection,
  ApiKey,
  ApiKeyConnection,
  AuditEvent,
  AuditEventConnection,
  Export,
  ExportConnection,
};
