import type { Catalogue } from '../../db/catalogue.js';

/**
 * How many key pairs of organizations each root key has wrapped, by its id: of the whole deployment, and nothing else.
 * @param vault as `bulkhead_posture`, which sees no row
 */
export async function keyPairsByRootKey(vault: Catalogue): Promise<ReadonlyMap<string, number>> {
  const rows = await vault.ask<{ id: string; keyPairs: string }>(
    'select root_key_id as id, key_pairs::text as "keyPairs" from vault.count_by_root_key()',
  );
  return new Map(rows.map(({ id, keyPairs }) => [id, Number(keyPairs)]));
}
