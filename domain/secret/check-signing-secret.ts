import type { OrgTransaction } from '../../db/with-org.js';
import { invalidInput } from '../../errors/bulkhead-error.js';
import {
  catalogEntry,
  type Direction,
  formerSigningSecret,
  schemeOf,
  signingSecret,
} from '../../integrations/catalog.js';
import { signingKey, signingKeyComplaint } from '../../integrations/webhooks/signing-key.js';

/**
 * Refuses a signing secret that nothing could be signed or verified with, when it is put and not when it is first used.
 * @throws BulkheadError BAD_USER_INPUT, which says nothing of the value
 */
export async function checkSigningSecret(
  tx: OrgTransaction,
  { integrationId, name, value }: { readonly integrationId: string; readonly name: string; readonly value: Buffer },
): Promise<void> {
  if (name !== signingSecret && name !== formerSigningSecret) return;
  const [kind] = await tx.sql<{ direction: Direction; type: string; scheme: string | null }[]>`
    select direction, type, scheme from app.kind_of_integration(${integrationId}::uuid)`;
  if (kind === undefined || catalogEntry(kind.direction, kind.type) === undefined) return;
  if (kind.direction === 'INGRESS' && schemeOf(kind.scheme) === 'STRIPE') return;
  if (signingKey(value.toString('utf8')) === undefined) throw invalidInput('input.value', signingKeyComplaint);
}
