import type { Types } from '@graphql-codegen/plugin-helpers';

/** Settings of both generated files: exact scalars, no enums at run time, `null` where the schema allows it. */
const common = {
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
  immutableTypes: true,
  maybeValue: 'T | null',
  inputMaybeValue: 'T | null | undefined',
  makeResolverTypeCallable: true,
  emitLegacyCommonJSImports: false,
  importExtension: '.js',
  scalars: {
    ID: 'string',
    DateTime: { input: 'Date', output: 'Date' },
    EpochMillis: 'number',
    JSON: 'unknown',
    JSONObject: 'Readonly<Record<string, unknown>>',
    MetricValue: 'unknown',
  },
};

/** A standard configuration of GraphQL Code Generator; `scripts/codegen.ts` runs it without the generator's own CLI. */
const config: Types.Config = {
  overwrite: true,
  generates: {
    'resolvers/types.generated.ts': {
      schema: 'schema/*.graphql',
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        ...common,
        contextType: './request-context.js#RequestContext',
        mappers: {
          AlertEvent: '../db/tables/monitors.js#AlertEventRow',
          AlertEventConnection: '../domain/pages.js#AlertEventPage',
          ApiKey: '../db/tables/api-keys.js#ApiKeyRow',
          AuditEvent: '../db/tables/audit-entries.js#AuditEntryRow',
          Fleet: '../db/tables/places.js#PlaceRow',
          Integration: '../db/tables/things.js#IntegrationRow',
          Level: '../db/tables/places.js#LevelRow',
          LevelGroup: '../db/tables/places.js#LevelGroupRow',
          LevelType: '../db/tables/places.js#LevelTypeRow',
          MetricDefinition: '../db/tables/definitions.js#MetricDefinitionRow',
          Monitor: '../db/tables/monitors.js#MonitorRow',
          MonitorConnection: '../domain/pages.js#MonitorPage',
          MonitorMetric: '../db/tables/monitors.js#MonitorMetricRow',
          MonitorAlert: '../db/tables/monitors.js#MonitorAlertRow',
          MonitoredThing: '../db/tables/monitors.js#MonitorStateRow',
          MonitoredThingConnection: '../domain/pages.js#MonitoredThingPage',
          Organization: '../db/tables/organizations.js#OrganizationRow',
          Place: '../db/tables/places.js#PlaceRow',
          PropertyDefinition: '../db/tables/definitions.js#PropertyDefinition as PropertyDefinitionRow',
          PlacePoint: '../telemetry/series-point.js#PlacePoint as PlacePointValue',
          PlaceSeries: './telemetry/series-values.js#PlaceSeriesValue',
          Point: '../telemetry/series-point.js#SeriesPoint',
          Reading: './telemetry/reading.js#ReadingValue',
          Series: './telemetry/series-values.js#SeriesValue',
          TelemetryEvent: './telemetry/reading.js#EventValue',
          NewReadings: './telemetry/Subscription.js#NewReadingsValue',
          Secret: '../db/tables/secrets.js#SecretRow',
          Site: '../db/tables/places.js#PlaceRow',
          Template: '../db/tables/templates.js#TemplateRow',
          TemplateRevision: '../db/tables/templates.js#TemplateRevisionRow',
          Thing: '../db/tables/things.js#ThingRow',
          ThingType: '../db/tables/definitions.js#ThingTypeRow',
          ThingTypeVersion: '../db/tables/definitions.js#ThingTypeVersionRow',
          SiteConnection: '../domain/pages.js#PlacePage',
          FleetConnection: '../domain/pages.js#PlacePage',
          LevelConnection: '../domain/pages.js#LevelPage',
          LevelGroupConnection: '../domain/pages.js#LevelGroupPage',
          ThingConnection: '../domain/pages.js#ThingPage',
          MetricDefinitionConnection: '../domain/pages.js#MetricDefinitionPage',
          ThingTypeConnection: '../domain/pages.js#ThingTypePage',
          ThingTypeVersionConnection: '../domain/pages.js#ThingTypeVersionPage',
          TemplateConnection: '../domain/pages.js#TemplatePage',
          TemplateRevisionConnection: '../domain/pages.js#TemplateRevisionPage',
          IntegrationConnection: '../domain/pages.js#IntegrationPage',
          ApiKeyConnection: '../domain/pages.js#ApiKeyPage',
          AuditEventConnection: '../domain/pages.js#AuditEntryPage',
        },
      },
    },
    'resolvers/operator/types.generated.ts': {
      schema: 'schema/operator/*.graphql',
      plugins: ['typescript', 'typescript-resolvers'],
      config: { ...common, contextType: './operator-context.js#OperatorContext' },
    },
  },
};

// biome-ignore lint/style/noDefaultExport: the generator's contract
export default config;
