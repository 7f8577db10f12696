import type { Identity } from '../../auth/identity.js';
import type { Database } from '../../db/database.js';
import type { VaultWriter } from '../../vault/vault-writer.js';

/** Who changes a secret, and the two stores that a change of one touches. */
export interface SecretStores {
  readonly identity: Identity;
  readonly operational: Database;
  readonly vault: VaultWriter;
}
