import type { Database } from '../../db/database.js';

/** What every resolver of the operators' API gets. Made anew for each request. */
export interface OperatorContext {
  readonly operatorId: string;
  readonly requestId: string;
  readonly clientAddress: string;
  readonly operational: Database;
  /** Key that seals the passwords of telemetry roles, 32 bytes. */
  readonly telemetryKey: Buffer;
  /** Label inside the text of new API keys. */
  readonly environment: string;
}
