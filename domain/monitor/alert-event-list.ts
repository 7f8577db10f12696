import { eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { validate } from 'uuid';
import { alertEvents } from '../../db/tables/monitors.js';
import type { ListQuery } from '../read-page.js';

/** Restricts a list of alert events; conditions add up, null and absent restrict nothing. */
export interface AlertEventFilter {
  readonly monitorId?: string | null | undefined;
  readonly placeId?: string | null | undefined;
  readonly thingId?: string | null | undefined;
  /** Only events that are open, or only ones that are cleared. */
  readonly isOpen?: boolean | null | undefined;
}

/** Alert events of monitors that the reader may see, oldest first. */
export function alertEventList({ monitorId, placeId, thingId, isOpen }: AlertEventFilter): ListQuery {
  return {
    name: `alertEvents:${JSON.stringify([monitorId ?? null, placeId ?? null, thingId ?? null, isOpen ?? null])}`,
    table: alertEvents,
    conditions: [
      isId(alertEvents.monitorId, monitorId),
      isId(alertEvents.placeId, placeId),
      isId(alertEvents.thingId, thingId),
      isOpen == null ? undefined : isOpen ? isNull(alertEvents.clearedAt) : isNotNull(alertEvents.clearedAt),
    ],
  };
}

/** A text that is no id matches nothing. */
function isId(column: PgColumn, id: string | null | undefined): SQL | undefined {
  if (id == null) return undefined;
  return validate(id) ? eq(column, id) : sql`false`;
}
