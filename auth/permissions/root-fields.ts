import {
  apiKeyPath,
  auditPath,
  integrationPath,
  metricPath,
  organizationPath,
  placePath,
  secretPath,
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

/**
 * The table of actions: what each operation of the API does to which noun. This is the one place to add a permission;
 * shield rules and the `scopes` command are made from it. What is decided here is whether a key could do this to any
 * resource at all; which resources, the domain functions and row-level security decide.
 */
export const rootFields = {
  Query: {
    ...inherited('me rateLimits metricSchema'),
    organization: anyOf('read', organization),
    sites: anyOf('read', site),
    site: anyOf('read', site),
    fleets: anyOf('read', fleet),
    fleet: anyOf('read', fleet),
    things: anyOf('read', thing),
    thing: anyOf('read', thing),
    metricDefinitions: anyOf('read', metric),
    metricDefinition: anyOf('read', metric),
    thingTypes: anyOf('read', thingType),
    thingType: anyOf('read', thingType),
    thingTypeVersion: anyOf('read', thingTypeVersion),
    integrations: anyOf('read', integration),
    integration: anyOf('read', integration),
    apiKeys: anyOf('read', apiKey),
    apiKey: anyOf('read', apiKey),
    auditEvents: anyOf('read', auditPath()),
  },
  Mutation: {
    updateOrganization: anyOf('write', organization),
    setRetention: anyOf('admin', organization),
    createSite: allOf('write', site),
    updateSite: anyOf('write', site),
    deleteSite: anyOf('write', site),
    createLevelType: anyOf('write', site),
    updateLevelType: anyOf('write', site),
    deleteLevelType: anyOf('write', site),
    createLevel: anyOf('write', site),
    updateLevel: anyOf('write', site),
    moveLevel: anyOf('write', site),
    deleteLevel: anyOf('write', site),
    createLevelGroup: anyOf('write', site),
    updateLevelGroup: anyOf('write', site),
    deleteLevelGroup: anyOf('write', site),
    createFleet: allOf('write', fleet),
    updateFleet: anyOf('write', fleet),
    deleteFleet: anyOf('write', fleet),
    createThing: anyOf('write', placePath('#', '#')),
    updateThing: anyOf('write', thing),
    upgradeThing: anyOf('write', thing),
    deleteThing: anyOf('write', thing),
    ingestFrames: anyOf('write', thing),
    ingestColumnar: anyOf('write', thing),
    createMetric: allOf('write', metric),
    updateMetric: anyOf('write', metric),
    deleteMetric: anyOf('write', metric),
    restoreMetric: anyOf('write', metric),
    createThingType: allOf('write', thingType),
    updateThingType: anyOf('write', thingType),
    deleteThingType: anyOf('write', thingType),
    restoreThingType: anyOf('write', thingType),
    createThingTypeVersion: anyOf('write', thingType),
    updateThingTypeVersion: anyOf('write', thingTypeVersion),
    createIntegration: anyOf('write', integration),
    updateIntegration: anyOf('write', integration),
    deleteIntegration: anyOf('write', integration),
    putSecret: anyOf('write', secret),
    rotateSecret: anyOf('write', secret),
    deleteSecret: anyOf('write', secret),
    createApiKey: allOf('admin', apiKey),
    updateApiKey: anyOf('admin', apiKey),
    rotateApiKey: anyOf('admin', apiKey),
    revokeApiKey: anyOf('admin', apiKey),
  },
} satisfies FieldTable;
