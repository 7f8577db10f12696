import type { IntegrationRow } from '../../db/tables/things.js';

/** Path of the gateway that a third party posts to; null for an integration that accepts no posts. */
export function hookPath({ direction, type, id }: Pick<IntegrationRow, 'direction' | 'type' | 'id'>): string | null {
  return direction === 'INGRESS' && type === 'WEBHOOK' ? `/hooks/${id}` : null;
}
