import { and, eq, getTableColumns } from 'drizzle-orm';
import { type DeliveryRow, deliveries } from '../../db/tables/integration-records.js';
import type { OrgTransaction } from '../../db/with-org.js';
import { notFound } from '../../errors/bulkhead-error.js';
import { requireUuid } from '../input/id.js';

const { body: _body, ...deliveryColumns } = getTableColumns(deliveries);

/** What may be read of a delivery: all but its body. */
export { deliveryColumns };

/**
 * One delivery that the transaction may see.
 * @throws BulkheadError NOT_FOUND
 */
export async function getDelivery(tx: OrgTransaction, id: string): Promise<DeliveryRow> {
  const [delivery] = await tx.db
    .select(deliveryColumns)
    .from(deliveries)
    .where(and(eq(deliveries.orgId, tx.orgId), eq(deliveries.id, requireUuid(id, 'delivery'))));
  if (delivery === undefined) throw notFound('delivery');
  return delivery;
}
