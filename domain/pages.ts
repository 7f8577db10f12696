import type { ApiKeyRow } from '../db/tables/api-keys.js';
import type { MetricDefinitionRow, ThingTypeRow, ThingTypeVersionRow } from '../db/tables/definitions.js';
import type { ExportRow } from '../db/tables/exports.js';
import type { DeliveryRow, InboundEventRow, ResourceMappingRow } from '../db/tables/integration-records.js';
import type { AlertEventRow, MonitorRow, MonitorStateRow } from '../db/tables/monitors.js';
import type { LevelGroupRow, LevelRow, PlaceRow } from '../db/tables/places.js';
import type { TemplateRevisionRow, TemplateRow } from '../db/tables/templates.js';
import type { IntegrationRow, ThingRow } from '../db/tables/things.js';
import type { AuditEventRow } from './audit/audit-page.js';
import type { Page } from './page.js';

/** A page of sites or of fleets. */
export type PlacePage = Page<PlaceRow>;
/** A page of levels. */
export type LevelPage = Page<LevelRow>;
/** A page of level groups. */
export type LevelGroupPage = Page<LevelGroupRow>;
/** A page of things. */
export type ThingPage = Page<ThingRow>;
/** A page of metric definitions. */
export type MetricDefinitionPage = Page<MetricDefinitionRow>;
/** A page of thing types. */
export type ThingTypePage = Page<ThingTypeRow>;
/** A page of versions of a thing type. */
export type ThingTypeVersionPage = Page<ThingTypeVersionRow>;
/** A page of integrations. */
export type IntegrationPage = Page<IntegrationRow>;
/** A page of monitors. */
export type MonitorPage = Page<MonitorRow>;
/** A page of the things of a monitor. */
export type MonitoredThingPage = Page<MonitorStateRow>;
/** A page of alert events. */
export type AlertEventPage = Page<AlertEventRow>;
/** A page of templates. */
export type TemplatePage = Page<TemplateRow>;
/** A page of revisions of a template. */
export type TemplateRevisionPage = Page<TemplateRevisionRow>;
/** A page of resource mappings. */
export type ResourceMappingPage = Page<ResourceMappingRow>;
/** A page of deliveries; their number is not counted. */
export type DeliveryPage = Omit<Page<DeliveryRow>, 'countAll'>;
/** A page of inbound events; their number is not counted. */
export type InboundEventPage = Omit<Page<InboundEventRow>, 'countAll'>;
/** A page of API keys. */
export type ApiKeyPage = Page<ApiKeyRow>;
/** A page of exports. */
export type ExportPage = Page<ExportRow>;
/** A page of the audit log. */
export type AuditEntryPage = Omit<Page<AuditEventRow>, 'countAll'>;
