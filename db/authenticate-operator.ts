import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import { poolOf } from './pool.js';

/** An operator whose secret was presented. */
export interface PresentedOperatorRow {
  readonly id: string;
  readonly name: string;
}

/**
 * Looks up an operator, who belongs to no organization, which is why it does not go through `withOrg`.
 * @param secretHash SHA-256 of the presented secret, 32 bytes
 * @returns undefined for an unknown id, a wrong secret, and a revoked operator
 */
export async function authenticateOperator(
  database: Database,
  id: string,
  secretHash: Buffer,
): Promise<PresentedOperatorRow | undefined> {
  try {
    const [row] = await poolOf(database)<PresentedOperatorRow[]>`
      select id, name from platform.authenticate_operator(${id}, ${secretHash})`;
    return row;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}
