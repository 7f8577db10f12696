import { randomUUID } from 'node:crypto';
import { and, eq, isNotNull } from 'drizzle-orm';
import { createIdentity, type Identity } from '../../auth/identity.js';
import { parseScopes } from '../../auth/scopes/parse-scopes.js';
import { integrationPath } from '../../auth/scopes/resource-path.js';
import { DatabaseFailure } from '../../db/database-errors.js';
import { inboundEvents, resourceMappings } from '../../db/tables/integration-records.js';
import { type IntegrationRow, integrations, things } from '../../db/tables/things.js';
import { type OrgTransaction, withOrg } from '../../db/with-org.js';
import { BulkheadError } from '../../errors/bulkhead-error.js';
import { parseJsonPointer, readJsonPointer } from '../../integrations/templates/json-pointer.js';
import { ingestViaTemplate, type TemplateStores } from '../template/ingest-via-template.js';
import { pathOfThing } from '../thing/path-of-thing.js';

/** An accepted event, by ids. */
export interface AcceptedEvent {
  readonly orgId: string;
  readonly integrationId: string;
  readonly id: string;
}

type EventRow = typeof inboundEvents.$inferSelect;
type EventChange = Partial<typeof inboundEvents.$inferInsert>;

/** Things that one event is written to at most. */
const maxThings = 20;
/** Attempts at most; between them twice as long each time, from the first to the longest. */
const attempts = { most: 10, firstMs: 5_000, longestMs: 3_600_000 } as const;
/** Bytes of JSON of a report at most; of a longer one the numbers are kept. */
const maxReportBytes = 16 * 1024;

const unstorable = 'it holds a value that PostgreSQL cannot store';

/** An event that cannot be written, however often it is tried. */
class Unwritable extends Error {}

/**
 * Writes an accepted event as readings of the things that its integration leads to. What the template leaves out is in the
 * report; an event that cannot be written at all is FAILED and says why. It may be interrupted anywhere and run again:
 * readings that are there already are replaced by the same. Telemetry that cannot be reached, and a handler that runs
 * out of time, are tried again, ten times within some hours.
 */
export async function applyEvent(stores: TemplateStores, { orgId, integrationId, id }: AcceptedEvent): Promise<void> {
  const identity = hookIdentity(orgId, integrationId);
  const found = await withOrg(stores.operational, identity, 'read', (tx) => pending(tx, id));
  if (found === undefined) return;
  const settle = (change: EventChange) =>
    withOrg(stores.operational, identity, 'write', (tx) =>
      tx.db
        .update(inboundEvents)
        .set(change)
        .where(and(eq(inboundEvents.orgId, tx.orgId), eq(inboundEvents.id, id), eq(inboundEvents.status, 'PENDING'))),
    );
  try {
    await settle(await outcomeOf(stores, identity, found.event, found.integration));
  } catch (error) {
    if (!isUnstorable(error)) throw error;
    await settle({ ...endedAfter(found.event), status: 'FAILED', failure: unstorable });
  }
}

/** What hooks may do: their own records, templates, and readings. Which things, the maker of the hook had the right to say. */
function hookIdentity(orgId: string, integrationId: string): Identity {
  const own = integrationPath('INGRESS', 'WEBHOOK', integrationId);
  const scopes = [
    { action: 'read', resourceFilter: own },
    { action: 'write', resourceFilter: own },
    { action: 'read', resourceFilter: 'TEMPLATE/#/#' },
    { action: 'write', resourceFilter: 'THING/#/#' },
  ];
  const actor = { type: 'SYSTEM', id: 'hooks' } as const;
  const parsed = parseScopes(scopes, 'scopes');
  return createIdentity({ orgId, actor, scopes: parsed, requestId: randomUUID(), clientAddress: null });
}

async function pending(
  tx: OrgTransaction,
  id: string,
): Promise<{ event: EventRow; integration: IntegrationRow } | undefined> {
  const [row] = await tx.db
    .select({ event: inboundEvents, integration: integrations })
    .from(inboundEvents)
    .innerJoin(
      integrations,
      and(eq(integrations.orgId, inboundEvents.orgId), eq(integrations.id, inboundEvents.integrationId)),
    )
    .where(and(eq(inboundEvents.orgId, tx.orgId), eq(inboundEvents.id, id), eq(inboundEvents.status, 'PENDING')));
  return row;
}

async function outcomeOf(
  stores: TemplateStores,
  identity: Identity,
  event: EventRow,
  integration: IntegrationRow,
): Promise<EventChange> {
  const ended = endedAfter(event);
  const [templateId] = integration.properties['templateId'] ?? [];
  if (templateId === undefined) return { ...ended, status: 'RECEIVED' };
  const patient = { ...stores, handlers: refusingLate(stores.handlers) };
  try {
    const document = documentOf(event);
    const thingIds = await withOrg(stores.operational, identity, 'write', (tx) => targets(tx, integration, document));
    const reports = [];
    for (const thingId of thingIds) {
      reports.push({ thingId, ...(await ingestViaTemplate(patient, identity, { thingId, templateId, document })) });
    }
    return { ...ended, status: 'APPLIED', report: boundedReport(reports) };
  } catch (error) {
    if (error instanceof Unwritable || (error instanceof BulkheadError && isFinal(error))) {
      return { ...ended, status: 'FAILED', failure: error.message.slice(0, 500) };
    }
    if (isUnstorable(error)) return { ...ended, status: 'FAILED', failure: unstorable };
    if (ended.attempts >= attempts.most) {
      const reason = error instanceof BulkheadError ? `: ${error.message}` : '';
      return { ...ended, status: 'FAILED', failure: `could not be written, ten times${reason}`.slice(0, 500) };
    }
    const delayMs = Math.min(attempts.longestMs, attempts.firstMs * 2 ** event.attempts);
    return { attempts: ended.attempts, dueAt: new Date(Date.now() + delayMs) };
  }
}

/** What is set when an event is done with. */
function endedAfter({ attempts: before }: EventRow) {
  return { attempts: before + 1, body: null, dueAt: null, finishedAt: new Date() };
}

/** Whether PostgreSQL refuses a value, as it does NUL in text (class 22, "data exception"): it would each time. */
function isUnstorable(error: unknown): boolean {
  return error instanceof DatabaseFailure && error.sqlState.startsWith('22');
}

/** A handler that ran out of time may do better on a gateway that is less busy: its event is tried again. */
function refusingLate(handlers: TemplateStores['handlers']): TemplateStores['handlers'] {
  return {
    run: async (...call) => {
      const answer = await handlers.run(...call);
      if ('reason' in answer && answer.isLate === true) throw new BulkheadError('UNAVAILABLE', answer.reason);
      return answer;
    },
  };
}

/** Whether the same would come of a further attempt. */
function isFinal({ code }: BulkheadError): boolean {
  return ['BAD_USER_INPUT', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT'].includes(code);
}

function documentOf({ body }: EventRow): unknown {
  try {
    return JSON.parse((body ?? Buffer.alloc(0)).toString('utf8'));
  } catch {
    throw new Unwritable('the body is no JSON');
  }
}

/** The thing of the property, or those that the third party's id of it is mapped to; of the resources of the integration. */
async function targets(tx: OrgTransaction, integration: IntegrationRow, document: unknown): Promise<string[]> {
  const { properties, resources } = integration;
  const [thingId] = properties['thingId'] ?? [];
  const ids = thingId === undefined ? await mappedThings(tx, integration, document) : [thingId];
  if (ids.length > maxThings)
    throw new Unwritable(`more than ${maxThings} things are mapped to the id at thingPointer`);
  if (resources.length === 0) return ids;
  for (const id of ids) {
    const [thing] = await tx.db
      .select()
      .from(things)
      .where(and(eq(things.orgId, tx.orgId), eq(things.id, id)));
    const path = thing === undefined ? undefined : pathOfThing(thing);
    if (!resources.some((resource) => path === resource.path || path?.startsWith(`${resource.path}/`))) {
      throw new Unwritable(`thing ${id} is not among the resources of the integration`);
    }
  }
  return ids;
}

async function mappedThings(
  tx: OrgTransaction,
  { id, properties }: IntegrationRow,
  document: unknown,
): Promise<string[]> {
  const pointer = parseJsonPointer(properties['thingPointer']?.[0] ?? '');
  const found = pointer === undefined ? undefined : readJsonPointer(pointer, document);
  if (typeof found !== 'string' && typeof found !== 'number') throw new Unwritable('nothing is at thingPointer');
  const rows = await tx.db
    .select({ thingId: resourceMappings.thingId })
    .from(resourceMappings)
    .where(
      and(
        eq(resourceMappings.orgId, tx.orgId),
        eq(resourceMappings.integrationId, id),
        eq(resourceMappings.resourceThirdPartyId, String(found)),
        isNotNull(resourceMappings.thingId),
      ),
    )
    .orderBy(resourceMappings.id)
    .limit(maxThings + 1);
  const ids = [...new Set(rows.flatMap(({ thingId }) => thingId ?? []))];
  if (ids.length === 0) throw new Unwritable('no thing is mapped to the id at thingPointer');
  return ids;
}

/** Reports by thing; lists give way to their lengths where they are too long. */
function boundedReport(reports: readonly Readonly<Record<string, unknown>>[]): unknown {
  if (Buffer.byteLength(JSON.stringify(reports)) <= maxReportBytes) return { things: reports };
  return {
    things: reports.map((report) =>
      Object.fromEntries(
        Object.entries(report).map(([name, value]) => [name, Array.isArray(value) ? { entries: value.length } : value]),
      ),
    ),
  };
}
