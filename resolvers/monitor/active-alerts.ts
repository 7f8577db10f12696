import type { AlertEventRow } from '../../db/tables/monitors.js';
import { type AlertEventFilter, alertEventList } from '../../domain/monitor/alert-event-list.js';
import type { Page, PageRequest } from '../../domain/page.js';
import { readPage } from '../../domain/read-page.js';
import type { RequestContext } from '../request-context.js';

/** Open alerts of a place or a thing, of monitors that the key may read. */
export function activeAlerts(
  { operational, identity }: RequestContext,
  of: Pick<AlertEventFilter, 'placeId' | 'thingId'>,
  request: PageRequest,
): Promise<Page<AlertEventRow>> {
  return readPage<AlertEventRow>(operational, identity, alertEventList({ ...of, isOpen: true }), request);
}
