import { type LevelRow, levels } from '../../db/tables/places.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { requireUuid } from '../input/id.js';
import { lockRow } from '../lock-row.js';
import type { WritableRows } from '../writable-rows.js';
import { getLevel } from './get-level.js';
import { requireSiteWrite } from './lock-site.js';

/** Levels to be changed. */
export const writableLevels: WritableRows<typeof levels> = {
  noun: 'level',
  table: levels,
  key: (id) => ({ id: requireUuid(id, 'level') }),
  read: getLevel,
  decide: (tx, level) => requireSiteWrite(tx, level.siteId, 'level'),
};

/**
 * A level that the actor may write, locked until the transaction ends.
 * @throws BulkheadError NOT_FOUND, FORBIDDEN
 */
export function lockLevel(tx: OrgTransaction, id: string): Promise<LevelRow> {
  return lockRow(tx, writableLevels, id);
}
