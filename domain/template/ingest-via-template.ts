import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import { withOrg } from '../../db/with-org.js';
import { applyTemplate } from '../../integrations/templates/apply-template.js';
import type { HandlerThreads } from '../../integrations/templates/handler-threads.js';
import type { Mapping } from '../../integrations/templates/mapping.js';
import { LenientBatch } from '../../telemetry/lenient-batch.js';
import { requireUuid } from '../input/id.js';
import { acceptedWindow } from '../telemetry/accepted-window.js';
import { openForWriting } from '../telemetry/open-for-writing.js';
import { requireHandle } from '../telemetry/require-handle.js';
import type { TelemetryService } from '../telemetry/telemetry-service.js';
import { fitRecords } from './fit-records.js';
import { getTemplate } from './get-template.js';
import { usableSpec } from './usable-spec.js';

/** Where rows and readings are, and where handlers run. */
export interface TemplateStores {
  readonly operational: Database;
  readonly telemetry: TelemetryService;
  readonly handlers: Pick<HandlerThreads, 'run'>;
}

/** A document for a thing. */
export interface TemplateIngest {
  readonly thingId: string;
  readonly templateId: string;
  /** A JSON value. */
  readonly document: unknown;
  /** Map and report, and write nothing (default false). */
  readonly previewOnly?: boolean | undefined;
}

/** What an ingest by a template found and wrote. */
export type TemplateIngestReport = Mapping['report'] & {
  readonly previewOnly: boolean;
  readonly templateId: string;
  readonly templateRevision: number;
  readonly templateUpdatedAt: Date;
  readonly readingsWritten: number;
  readonly metricValuesWritten: number;
  readonly metricsSkippedNotOnType: readonly string[];
};

/**
 * Stores readings of one thing from a document of a third party: what does not fit is left out and reported. The document
 * is read between two transactions, so that no connection waits for a handler.
 * @throws BulkheadError NOT_FOUND or FORBIDDEN for thing and template, CONFLICT for a template that cannot be used,
 *   BAD_USER_INPUT for a document with more than one call takes, UNAVAILABLE while too many handlers wait,
 *   TELEMETRY_PROVISIONING
 */
export async function ingestViaTemplate(
  { operational, telemetry, handlers }: TemplateStores,
  identity: Identity,
  { thingId, templateId, document, previewOnly = false }: TemplateIngest,
): Promise<TemplateIngestReport> {
  const id = requireUuid(thingId, 'thing');
  const template = await withOrg(operational, identity, 'read', (tx) => getTemplate(tx, templateId));
  const mapping = await applyTemplate(usableSpec(template), document, (source, text) =>
    handlers.run(identity.orgId, source, text),
  );
  const named = [{ id, field: 'input.thingId' }];
  const counted = previewOnly ? undefined : mapping.records.length;
  const open = await openForWriting(operational, identity, named, 'ingestViaTemplate', counted);
  const batch = new LenientBatch(requireHandle(open, id), acceptedWindow(open));
  const { readings, metricsNotOnType } = fitRecords(mapping, batch);
  const columns = batch.columns();
  if (!previewOnly) await telemetry.write(identity, open, (database) => batch.write(database, columns));
  return {
    ...mapping.report,
    previewOnly,
    templateId: template.id,
    templateRevision: template.revision,
    templateUpdatedAt: template.updatedAt ?? template.createdAt,
    readingsWritten: readings,
    metricValuesWritten: columns.count,
    metricsSkippedNotOnType: metricsNotOnType,
  };
}
