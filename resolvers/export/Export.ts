import type { ExportRow } from '../../db/tables/exports.js';
import { countedConnectionOf } from '../connection.js';
import type { ExportConnectionResolvers, ExportResolvers } from '../types.generated.js';

/** Fields of exports. */
export const Export: ExportResolvers = {
  // Whether it has expired is for the clock to say; a job notes it later.
  state: ({ state, expiresAt }) =>
    state === 'READY' && expiresAt !== null && expiresAt.getTime() <= Date.now() ? 'EXPIRED' : state,
};

/** Pages of exports. */
export const ExportConnection: ExportConnectionResolvers = countedConnectionOf<ExportRow>();
