import {
  apiKeyPath,
  auditPath,
  integrationPath,
  metricPath,
  monitorPath,
  organizationPath,
  placePath,
  secretPath,
  templatePath,
  thingPath,
  thingTypePath,
  thingTypeVersionPath,
} from '../scopes/resource-path.js';
import { allOf, anyOf, type FieldTable, inherited } from './field-access.js';

const organization = (identity: { readonly orgId: string }) => organizationPath(identity.orgId);
const site = placePath('Site', '#');
const fleet = placePath('Fleet', '#');
const thing = thingPath('#', '#', '#', '#');
const metric = metricPath('#');
const thingType = thingTypePath('#');
const thingTypeVersion = thingTypeVersionPath('#');
const integration = integrationPath('#', '#', '#');
const secret = secretPath('#');
const apiKey = apiKeyPath('#');
const monitor = monitorPath('#');
const template = templatePath('#', '#');

/**
 * The table of actions: what each operation of the API does to which noun. This is the one place to add a permission;
 * shield rules and the `scopes` command are made from it. What is decided here is whether a key could do this to any
 * resource at all; which resources, the domain functions and row-level security decide.
 */
export const rootFields = {
  Query: {
    ...inherited('me rateLimits metricSchema'),
    organization: anyOf('read', organization),
    retention: anyOf('read', organization),
    dataPackage: anyOf('read', organization),
    retentionPreview: anyOf('read', organization),
    sites: anyOf('read', site),
    site: anyOf('read', site, 'id'),
    fleets: anyOf('read', fleet),
    fleet: anyOf('read', fleet, 'id'),
    things: anyOf('read', thing),
    thing: anyOf('read', thing, 'id'),
    metricDefinitions: anyOf('read', metric),
    metricDefinition: anyOf('read', metric, 'id'),
    thingTypes: anyOf('read', thingType),
    thingType: anyOf('read', thingType, 'id'),
    thingTypeVersion: anyOf('read', thingTypeVersion, 'id'),
    integrations: anyOf('read', integration),
    integration: anyOf('read', integration, 'id'),
    monitors: anyOf('read', monitor),
    monitor: anyOf('read', monitor, 'id'),
    alertEvents: anyOf('read', monitor),
    templates: anyOf('read', template),
    template: anyOf('read', template, 'id'),
    integrationCatalog: anyOf('read', integration),
    apiKeys: anyOf('read', apiKey),
    apiKey: anyOf('read', apiKey, 'id'),
    auditEvents: anyOf('read', auditPath()),
    auditProof: anyOf('read', auditPath()),
    auditCheckpoint: anyOf('read', auditPath()),
    exports: anyOf('read', organization),
    export: anyOf('read', organization),
  },
  Mutation: {
    updateOrganization: anyOf('write', organization),
    setRetention: anyOf('admin', organization),
    setDefinitionPurge: anyOf('admin', organization),
    createExport: anyOf('admin', organization),
    cancelExport: anyOf('admin', organization),
    deleteOrganization: anyOf('admin', organization),
    createSite: allOf('write', site),
    updateSite: anyOf('write', site, 'input.id'),
    deleteSite: anyOf('write', site, 'input.id'),
    createLevelType: anyOf('write', site, 'input.siteId'),
    updateLevelType: anyOf('write', site),
    deleteLevelType: anyOf('write', site),
    createLevel: anyOf('write', site, 'input.siteId'),
    updateLevel: anyOf('write', site),
    moveLevel: anyOf('write', site),
    deleteLevel: anyOf('write', site),
    createLevelGroup: anyOf('write', site, 'input.siteId'),
    updateLevelGroup: anyOf('write', site),
    deleteLevelGroup: anyOf('write', site),
    createFleet: allOf('write', fleet),
    updateFleet: anyOf('write', fleet, 'input.id'),
    deleteFleet: anyOf('write', fleet, 'input.id'),
    createThing: anyOf('write', placePath('#', '#'), 'input.placeId'),
    updateThing: anyOf('write', thing, 'input.id'),
    upgradeThing: anyOf('write', thing, 'input.id'),
    deleteThing: anyOf('write', thing, 'input.id'),
    ingestFrames: anyOf('write', thing),
    ingestColumnar: anyOf('write', thing, 'input.thingId'),
    createMetric: allOf('write', metric),
    updateMetric: anyOf('write', metric, 'input.id'),
    deleteMetric: anyOf('write', metric, 'input.id'),
    restoreMetric: anyOf('write', metric, 'input.id'),
    createThingType: allOf('write', thingType),
    updateThingType: anyOf('write', thingType, 'input.id'),
    deleteThingType: anyOf('write', thingType, 'input.id'),
    restoreThingType: anyOf('write', thingType, 'input.id'),
    createThingTypeVersion: anyOf('write', thingType, 'input.typeId'),
    updateThingTypeVersion: anyOf('write', thingTypeVersion, 'input.id'),
    createIntegration: anyOf('write', integration),
    updateIntegration: anyOf('write', integration, 'input.id'),
    setIntegrationEnabled: anyOf('write', integration, 'input.id'),
    testSend: anyOf('write', integration, 'input.id'),
    mapResource: anyOf('write', integration, 'input.integrationId'),
    unmapResource: anyOf('write', integration),
    deleteIntegration: anyOf('write', integration, 'input.id'),
    putSecret: anyOf('write', secret, 'input.integrationId'),
    rotateSecret: anyOf('write', secret, 'input.integrationId'),
    deleteSecret: anyOf('write', secret, 'input.integrationId'),
    createMonitor: allOf('write', monitor),
    updateMonitor: anyOf('write', monitor, 'input.id'),
    setMonitorEnabled: anyOf('write', monitor, 'input.id'),
    deleteMonitor: anyOf('write', monitor, 'input.id'),
    createTemplate: anyOf('write', template),
    updateTemplate: anyOf('write', template, 'input.id'),
    deleteTemplate: anyOf('write', template, 'input.id'),
    restoreTemplate: anyOf('write', template, 'input.id'),
    testTemplate: anyOf('read', template, 'input.id'),
    ingestViaTemplate: anyOf('write', thing, 'input.thingId'),
    createApiKey: allOf('admin', apiKey),
    updateApiKey: anyOf('admin', apiKey, 'input.id'),
    rotateApiKey: anyOf('admin', apiKey, 'input.id'),
    revokeApiKey: anyOf('admin', apiKey, 'input.id'),
  },
  Subscription: {
    // Each event is decided on by the path of what was deleted.
    ...inherited('deletions'),
    readings: anyOf('read', thing, 'thingId'),
    alerts: anyOf('read', monitor),
  },
} satisfies FieldTable;
